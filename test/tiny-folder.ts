/** Model folders to do wrong things to: tiny, of drawn weights, in a temporary folder that goes with the tests. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { saveFolder } from "../src/hub/index.ts";
import { build, gpt2 } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import { freshWeights } from "./contract/subjects.ts";

const root = mkdtempSync(join(tmpdir(), "folders-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder of its own, empty. */
export const newFolder = (): string => mkdtempSync(join(root, "model-"));

/** A GPT-2 with its language-model head. */
export function tinyFolder(config: Readonly<Record<string, unknown>> = {}): string {
  const spec = gpt2({ ...gpt2.tiny, ...config });
  const folder = newFolder();
  const weights = freshWeights(namedParams(build(spec, "GPT2LMHeadModel")));
  saveFolder(folder, { spec, headName: "GPT2LMHeadModel", weights });
  return folder;
}

/** Changes fields of a JSON file; undefined takes one out. */
export function edit(file: string, changes: Readonly<Record<string, unknown>>): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
}

/** The message of what `f` throws. */
export function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
