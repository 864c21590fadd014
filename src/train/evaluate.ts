/** A model folder's loss and metrics on held-out data. */
import { type GenerationOptions, generateAll, openDecoder, type Source } from "../generate/index.ts";
import { type ModelFolder, openFolder } from "../hub/index.ts";
import { limitsOf } from "../models/index.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import type { Dataset, Task } from "../tasks/index.ts";
import { count } from "../tensor/dtype.ts";
import type { Value } from "../tensor/tensor.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { runCarried } from "./carrier.ts";
import { writeAll } from "./examine.ts";
import { names } from "./plan.ts";
import { evaluationOf } from "./trace.ts";

export interface Evaluation {
  /** How many texts were written, where the task is to write; else how many labels counted. */
  readonly examples: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** What the model wrote for each held-out input, where its task is to write. */
  readonly texts?: readonly string[];
}

interface EvaluateOptions extends ProgramOptions {
  readonly signal?: AbortSignal;
  /** Told after each batch: how many labels are done. */
  readonly progress?: (examples: number) => void;
  /** How texts are written, where they are: greedy unless told otherwise. */
  readonly generation?: GenerationOptions;
  /** Told how many of them are. */
  readonly written?: (texts: number) => void;
}

/** `dataset` is what `task.open` gave for the held-out data; all of its validation part is read. */
export async function evaluateFolder<Data>(
  path: string,
  task: Task<Data>,
  dataset: Dataset,
  { signal, progress, generation, written, ...options }: EvaluateOptions = {},
): Promise<Evaluation> {
  using folder = openFolder(path);
  await using program = await openProgram(evaluationOf(folder.model, task, folder.spec), options);
  const run = runCarried(program);
  const weights: Record<string, Value> = {};
  for (const [name, { shape }] of folder.params) {
    const data = new Float32Array(count(shape));
    folder.read(name, data);
    weights[names.parameter(name)] = { dtype: "float32", dims: shape, data };
  }
  const fed = Object.fromEntries(program.inputs.flatMap(({ name }) => (weights[name] ? [[name, weights[name]]] : [])));
  let [total, examples] = [0, 0];
  for await (const { batch, count } of dataset.validation!()) {
    signal?.throwIfAborted();
    const feeds = { ...fed };
    for (const [name, value] of Object.entries(batch)) feeds[names.batch(name)] = value;
    total += Number((await run(feeds))[names.loss]!.data[0]) * count;
    examples += count;
    progress?.(examples);
  }
  const loss = total / examples;
  const metrics = task.metrics(loss, dataset);
  const exam = dataset.exam?.();
  if (!exam) return { examples, loss, metrics };
  await using writer = await openWriter(folder, options);
  const texts = await writeAll(writer, exam, { signal, progress: written, ...(generation && { generation }) });
  return { examples: texts.length, loss, metrics: { ...metrics, ...exam.score(texts) }, texts };
}

/** What an encoder-decoder's folder writes for its sources. */
export async function openWriter({ model, spec, params, read, generation }: ModelFolder, options: ProgramOptions = {}) {
  const weights = new Map([...params].map(([name, { shape }]) => [name, new Float32Array(count(shape))]));
  for (const [name, into] of weights) read(name, into);
  const decoder = await openDecoder(model, spec, weights, { ...options, frozen: true });
  return {
    async write(source: Source, given: GenerationOptions): Promise<number[][]> {
      const begun = source.rows?.[0]?.length ?? 1;
      const texts = await generateAll(decoder, source, { defaults: generation, ...given });
      return texts.map((ids) => ids.slice(begun));
    },
    close: decoder.close,
    [Symbol.asyncDispose]: decoder.close,
  };
}

const ANY_LENGTH = 512; // of models without positions

/** How many tokens a row of this folder's model may have, at most `wanted`. */
export function rowSize(path: string, tokenizer: Tokenizer, wanted: number | undefined): number {
  using folder = openFolder(path);
  const { positions, vocabulary } = limitsOf(folder.spec);
  if (tokenizer.vocabSize > vocabulary)
    throw new TypeError(`${path}: its tokenizer has ${tokenizer.vocabSize} tokens, but the model knows ${vocabulary}`);
  if (wanted !== undefined && wanted > positions)
    throw new TypeError(`${path}: rows of ${wanted} tokens are asked for, but the model has ${positions} positions`);
  return wanted ?? (Number.isFinite(positions) ? positions : ANY_LENGTH);
}
