/**
 * A tokenizer's folder: `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`, as Hugging Face's library
 * reads and writes them. `node:fs` is imported on call, so that the room loads in a browser.
 */
import { fromJson } from "./from-json.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { specialTokensMap, tokenizerConfig } from "./tokenizer-json.ts";

/**
 * Writes the files, and the folder where it is missing. A new folder appears whole or not at all; in an old one each file
 * is written beside its name, synced and renamed, so that no reader and no power cut finds half of one.
 */
export async function saveTokenizer(folder: string, tokenizer: Tokenizer): Promise<void> {
  const { mkdir, rename, rm, stat } = await import("node:fs/promises");
  const { basename, dirname, join, resolve } = await import("node:path");
  const files = {
    "special_tokens_map.json": specialTokensMap(tokenizer.specialTokens),
    "tokenizer_config.json": tokenizerConfig(tokenizer.specialTokens),
    "tokenizer.json": tokenizer.toJson(),
  };
  const path = resolve(folder);
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) {
    await mkdir(path, { recursive: true }); // says so if it is a file
    for (const [name, value] of Object.entries(files)) await writeSynced(join(path, unfinished(name)), value);
    for (const name of Object.keys(files)) await rename(join(path, unfinished(name)), join(path, name));
    return;
  }
  const fresh = join(dirname(path), unfinished(basename(path)));
  await mkdir(fresh, { recursive: true });
  try {
    for (const [name, value] of Object.entries(files)) await writeSynced(join(fresh, name), value);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** As `formats` names them, who removes what a killed process left. */
const unfinished = (name: string) => `.unfinished-${process.pid}-${name}`;

async function writeSynced(path: string, value: object): Promise<void> {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "w");
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
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
