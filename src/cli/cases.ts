/**
 * Training steps whose speed is measured, by `bench` here and beside other systems in `bench/`: a GPT-2 without dropout on
 * one batch of drawn ids, through `train` as users run it.
 */
import { performance } from "node:perf_hooks";
import { gpt2, type ModelSpec } from "../models/index.ts";
import { below, keyOf } from "../random.ts";
import { type Batch, languageModeling, type Task } from "../tasks/index.ts";
import { byteTokenizer } from "../tokenizers/index.ts";
import { type TrainingSettings, type TrainOptions, train } from "../train/index.ts";
import { UserError } from "./errors.ts";

export interface Case {
  readonly batch: number;
  /** Tokens in a row. */
  readonly time: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly vocabulary: number;
  /** Steps before the measured ones, and those. */
  readonly warm: number;
  readonly steps: number;
}

export const cases: Readonly<Record<string, Case>> = {
  gpt_tiny: { batch: 16, time: 32, width: 64, heads: 2, layers: 2, vocabulary: 65, warm: 20, steps: 80 },
  /** nanoGPT's README recipe for a laptop. */
  gpt_cpu: { batch: 12, time: 64, width: 128, heads: 4, layers: 4, vocabulary: 65, warm: 10, steps: 30 },
  /** nanoGPT's train_shakespeare_char, at batch 8. */
  gpt_baby: { batch: 8, time: 256, width: 384, heads: 6, layers: 6, vocabulary: 65, warm: 3, steps: 5 },
  gpt_wide: { batch: 4, time: 256, width: 768, heads: 12, layers: 4, vocabulary: 8000, warm: 2, steps: 4 },
};

/** Throws a UserError that lists the cases there are. */
export function caseOf(name: string): Case {
  if (Object.hasOwn(cases, name)) return cases[name]!;
  throw new UserError(`bench: there is no case "${name}" yet`, {
    remedy: `there are ${Object.keys(cases).join(", ")}`,
  });
}

export const specOf = ({ time, width, heads, layers, vocabulary }: Case): ModelSpec =>
  gpt2({
    ...{ vocab_size: vocabulary, n_positions: time, n_embd: width, n_layer: layers, n_head: heads },
    ...{ embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 },
  });

/** The same ids for a case everywhere; label t is drawn too, so that nothing can be learned but the batch itself. */
export function batchOf({ batch, time, vocabulary }: Case): Batch {
  const ids = (name: string) =>
    BigInt64Array.from({ length: batch * time }, (_, i) => BigInt(below(vocabulary, keyOf(0, name), i)));
  const value = (name: string) => ({ dtype: "int64", dims: [batch, time], data: ids(name) }) as const;
  return { input_ids: value("input_ids"), labels: value("labels") };
}

export const settings = {
  learningRate: 3e-4,
  lrSchedulerType: "constant",
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  weightDecay: 0.01,
  maxGradNorm: 0,
  loggingSteps: 1,
} as const satisfies Partial<TrainingSettings>;

export interface Step {
  /** Since the step before was done; of the first, since the call. */
  readonly ms: number;
  /** Before the update. */
  readonly loss: number;
}

type Options = Pick<TrainOptions<undefined>, "from" | "threads" | "device" | "signal"> &
  Partial<Pick<TrainingSettings, "precision">>;

/** `steps` updates of the case, each as it is done; from drawn weights unless `from` says where others are. */
export async function* trainSteps(
  given: Case,
  steps: number,
  { precision = "float32", ...options }: Options = {},
): AsyncGenerator<Step> {
  let last = performance.now();
  const run = train({
    model: specOf(given) as never,
    tokenizer: byteTokenizer(),
    task: sameBatch(given),
    data: undefined,
    training: { ...settings, precision, batchSize: given.batch, maxSteps: steps },
    ...options,
  });
  for await (const event of run) {
    if (event.event !== "step") continue;
    const now = performance.now();
    yield { ms: now - last, loss: event.loss };
    last = now;
  }
}

/** Language modelling whose every batch is the case's. */
export function sameBatch(given: Case): Task<undefined> {
  const { batch, time, vocabulary } = given;
  const { input_ids, labels } = batchOf(given);
  const fresh = () =>
    ({
      input_ids: { ...input_ids!, data: input_ids!.data.slice() },
      labels: { ...labels!, data: labels!.data.slice() },
    }) as Batch;
  return {
    ...languageModeling({ blockSize: time }),
    requirements: () => ({ vocabulary, positions: time }),
    open: async () => ({
      trainExamples: batch,
      tokensPerBatch: batch * time,
      batches: (_, count) => Array.from({ length: count }, fresh),
    }),
  };
}

/** The middle one of an odd number, the upper of the middle two of an even one. */
export const median = (xs: readonly number[]): number => xs.toSorted((a, b) => a - b)[xs.length >> 1]!;
