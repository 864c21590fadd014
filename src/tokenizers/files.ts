/**
 * A tokenizer's folder: `tokenizer.json` and `tokenizer_config.json`, as Hugging Face's library reads and writes them.
 * The one file of this room that touches the disk; `node:fs` is imported on call, so that the room loads in a browser.
 */
import { fromJson } from "./from-json.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { tokenizerConfig } from "./tokenizer-json.ts";

/**
 * Writes both files and the folder where it is missing. Each file is written beside its name, synced and renamed, so
 * that no reader and no power cut finds half of one.
 */
export async function saveTokenizer(folder: string, tokenizer: Tokenizer): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(folder, { recursive: true });
  await writeJson(folder, "tokenizer.json", tokenizer.toJson());
  await writeJson(folder, "tokenizer_config.json", tokenizerConfig(tokenizer.specialTokens));
}

/** Reads them back; throws for a folder without `tokenizer.json`, and what `fromJson` throws, with the folder's name. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const json = await readJson(`${folder}/tokenizer.json`);
  if (json === undefined)
    throw new Error(`${folder}/tokenizer.json: there is no such file; is this the folder of a model or a tokenizer?`);
  const config = await readJson(`${folder}/tokenizer_config.json`);
  try {
    return fromJson(json, config);
  } catch (error) {
    throw new Error(`${folder}/${(error as Error).message}`, { cause: error });
  }
}

async function writeJson(folder: string, name: string, value: object): Promise<void> {
  const { open, rename } = await import("node:fs/promises");
  const unfinished = `${folder}/.unfinished-${process.pid}-${name}`; // as `formats` names them, who removes what is left
  const file = await open(unfinished, "w");
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, `${folder}/${name}`);
}

/** The content of a JSON file; undefined if there is no file. */
async function readJson(path: string): Promise<unknown> {
  const { readFile } = await import("node:fs/promises");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
