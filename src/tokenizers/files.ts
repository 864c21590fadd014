/**
 * A tokenizer's folder: `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`, as Hugging Face's library
 * reads and writes them. `node:fs` is imported on call, so that the room loads in a browser.
 */

import { tokenizerFrom } from "./pretrained/folder.ts";
import { vocabularyFiles } from "./pretrained/older-files.ts";
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
    "tokenizer_config.json": { ...tokenizerConfig(tokenizer.specialTokens), ...tokenizer.config },
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

/** Whether a folder has a file that a tokenizer can be read from. */
export async function hasTokenizer(folder: string): Promise<boolean> {
  const { readdir } = await import("node:fs/promises");
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => vocabularyFiles.includes(name));
}

/**
 * Reads a folder back: `tokenizer.json`, or the older files that transformers would read in its stead, by the class that
 * `tokenizer_config.json` or `config.json` names. Throws for a folder with none of them, and for what is wrong in a
 * file, with its name.
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const { readFile } = await import("node:fs/promises");
  const read = async (name: string): Promise<Uint8Array | undefined> => {
    try {
      return await readFile(`${folder}/${name}`);
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw error;
    }
  };
  try {
    return await tokenizerFrom(read);
  } catch (error) {
    throw new Error(`${folder}/${(error as Error).message}`, { cause: error });
  }
}
