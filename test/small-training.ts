/** Texts, and flags of a model that the command line trains in a second: for tests of `train` as a user types it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { below, keyOf } from "../src/random.ts";

/** A folder that goes with the tests of a file. */
export const root = mkdtempSync(join(tmpdir(), "train-cli-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WORDS = "the cat sat on a mat and then ran to see what dog had been near by old house while rain fell".split(" ");

/** Words in any order, twelve a line, the same for a seed; some 4.3 letters each, what follows it counted. */
export const words = (count: number, seed = 0): string =>
  Array.from({ length: count }, (_, i) => {
    const word = WORDS[below(WORDS.length, keyOf(seed, "words"), i)];
    return word + (i % 12 === 11 ? "\n" : " ");
  }).join("");

/** Writes a file into the folder and gives its path. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

export const data = file("small.txt", words(3000));
export const held = file("held.txt", words(400, 1));

/** 3,900 parameters, without dropout, on one thread. */
export const tiny: readonly string[] = [
  ...["--set", "n_layer=1", "n_head=2", "n_embd=16", "--dropout", "0"],
  ...["--block-size", "16", "--batch-size", "4", "--threads", "1"],
];
