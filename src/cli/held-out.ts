/** What `evaluate` is told of held-out texts becomes a task and its data, as the folder's run read them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { folderTokenizer, taskOf } from "../hub/index.ts";
import type { Dataset, Task } from "../tasks/index.ts";
import { RUN } from "../train/check-out.ts";
import { rowSize } from "../train/evaluate.ts";
import { readRun } from "../train/run-folder.ts";
import { UserError } from "./errors.ts";
import { folderTokenizers, type PairOptions, pairFiles } from "./pair-files.ts";
import { textFiles } from "./text-data.ts";
import { textTask } from "./text-task.ts";
import { translationTask } from "./translation.ts";

export interface HeldOutOptions extends PairOptions {
  readonly batchSize?: number;
  readonly blockSize?: number;
  readonly lowercase?: true;
  readonly pseudoPerplexity?: true;
}

interface Opened {
  readonly task: Task;
  readonly dataset: Dataset;
}

/** Text; of a toy its held-out part. */
export async function heldOutText(folder: string, options: HeldOutOptions, signal: AbortSignal): Promise<Opened> {
  const { data, batchSize = 16, encoding, pseudoPerplexity = false } = options;
  if (!data) throw new UserError("--data is missing", { remedy: "name the held-out text: --data book.txt" });
  const tokenizer = await folderTokenizer(folder);
  const blockSize = rowSize(folder, tokenizer, options.blockSize);
  const task = textTask(taskOf(folder), { blockSize, pseudoPerplexity });
  const files = await textFiles({ data, signal, ...(encoding !== undefined && { encoding }) });
  const { train, validation } = files.data();
  const held = typeof validation === "string" ? validation : train;
  return { task, dataset: await task.open({ train: held, validation: 1 }, tokenizer, { batchSize, seed: 0 }) };
}

/** Pairs of texts, likewise. */
export async function heldOutPairs(folder: string, { batchSize = 64, ...options }: HeldOutOptions): Promise<Opened> {
  const { tokenizer, targetTokenizer } = await folderTokenizers(folder);
  const { maxLength, lowercase } = runSettings(folder);
  const told = { ...(maxLength !== undefined && { maxLength }), lowercase: options.lowercase ?? lowercase ?? false };
  const task = translationTask(told, targetTokenizer);
  const { train, validation } = (await pairFiles(options)).data;
  const held = typeof validation === "object" ? validation : train;
  return { task, dataset: await task.open({ train: held, validation: 1 }, tokenizer, { batchSize, seed: 0 }) };
}

/** How the folder's run was told to read and score, where there was one. */
function runSettings(folder: string): { readonly maxLength?: number; readonly lowercase?: boolean } {
  if (!existsSync(join(folder, RUN))) return {};
  return (readRun(folder)["task"] ?? {}) as ReturnType<typeof runSettings>;
}
