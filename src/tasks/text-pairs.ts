/** Pairs of texts as batches: what is read and what is to be written, as ids, in batches of rows of about one length. */
import { bucketBatches, type Pairs } from "../data/index.ts";
import type { Value } from "../tensor/tensor.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import {
  encodePairs,
  idOf,
  type PairTokenizers,
  type Rows,
  splitRows,
  unknownWarnings,
  withEnd,
  withoutLong,
} from "./pair-rows.ts";
import type { Batch, Counted, DataOptions, Dataset, Exam } from "./task.ts";

export interface PairData {
  readonly train: Pairs;
  /** Held out: other pairs, or which part of `train`, drawn by chance (default 0.1); 0: nothing; 1: all of it. */
  readonly validation?: Pairs | number;
}

interface Options extends DataOptions, PairTokenizers {
  /** What the batches of update `step` hold besides; undefined: those of an evaluation. */
  readonly extra?: (step: number | undefined) => Batch;
  /** What is asked of the texts that the model writes for `rows` of the held-out part. */
  readonly exam: (held: Rows, rows: readonly number[]) => Exam;
}

/**
 * Pairs longer than `maxLength` are left out of what is trained on, counted in a warning; held-out ones all count. So does
 * a vocabulary that knows under half of a side's tokens. Throws where nothing is left.
 */
export function openPairs({ train: pairs, validation = 0.1 }: PairData, options: Options): Dataset {
  const { batchSize, seed, maxLength, evalBatches = 0, extra = () => ({}), exam } = options;
  const all = encodePairs(pairs, options);
  const split =
    typeof validation === "number" && validation > 0 && validation < 1 ? splitRows(all, validation) : undefined;
  const apart = typeof validation === "number" ? undefined : encodePairs(validation, options);
  const held = split?.held ?? apart ?? (validation === 1 ? all : undefined);
  const long = withoutLong(split?.train ?? all, maxLength);
  const train = long.rows;
  const batches = bucketBatches(
    train.source.map((_, row) => lengthOf(train, row)),
    { batchSize, seed },
  );
  const given = typeof validation === "number" ? undefined : validation;
  const warnings = [
    ...(pairs.warnings ?? []).map((warning) => `${validation === 1 ? "validation" : "train"}: ${warning}`),
    ...(given?.warnings ?? []).map((warning) => `validation: ${warning}`),
    ...(validation === 1 ? [] : long.warnings),
    ...unknownWarnings(all, options),
  ];
  const pad = idOf(options.source, "pad");
  return {
    trainExamples: train.source.length,
    tokensPerBatch: Math.round((batchSize * tokensOf(train)) / train.source.length),
    warnings,
    batches: (step, count) =>
      Array.from({ length: count }, (_, i) => ({
        ...pairBatch(train, batches((step - 1) * count + i), pad),
        ...extra(step),
      })),
    ...(held && {
      validation: () => evaluation(held, { batchSize, pad, most: evalBatches, extra }),
      exam: (most = Number.POSITIVE_INFINITY) => exam(held, spread(held.source.length, most)),
    }),
  };
}

/** Inputs for a source alone: input_ids and attention_mask [B, S]. */
export function sourceBatch(ids: readonly Int32Array[], pad: number): Batch {
  const S = Math.max(...ids.map((row) => row.length));
  const each = (value: (row: Int32Array, at: number) => number): Value => ({
    dtype: "int64",
    dims: [ids.length, S],
    data: BigInt64Array.from(ids.flatMap((row) => Array.from({ length: S }, (_, at) => BigInt(value(row, at))))),
  });
  return {
    input_ids: each((row, at) => row[at] ?? pad),
    attention_mask: each((row, at) => Number(at < row.length)),
  };
}

/** The same for texts. */
export const sourceOf = (texts: readonly string[], tokenizer: Tokenizer): Batch =>
  sourceBatch(
    texts.map((text) => withEnd(text, tokenizer)),
    idOf(tokenizer, "pad"),
  );

/** Rows as input_ids, attention_mask [B, S] and labels [B, T], −100 behind their ends. */
function pairBatch({ sourceIds, targetIds }: Rows, rows: readonly number[], pad: number): Batch {
  const targets = rows.map((row) => targetIds[row]!);
  const T = Math.max(...targets.map((row) => row.length));
  const labels = targets.flatMap((row) => Array.from({ length: T }, (_, at) => BigInt(row[at] ?? -100)));
  return {
    ...sourceBatch(
      rows.map((row) => sourceIds[row]!),
      pad,
    ),
    labels: { dtype: "int64", dims: [rows.length, T], data: BigInt64Array.from(labels) },
  };
}

interface Evaluated {
  readonly batchSize: number;
  readonly pad: number;
  /** Batches; 0: all. */
  readonly most: number;
  readonly extra: (step: undefined) => Batch;
}

/** The held-out rows, shortest first; `most` batches of them are spread evenly. */
function* evaluation(held: Rows, { batchSize, pad, most, extra }: Evaluated): Generator<Counted> {
  const order = [...held.source.keys()].sort((a, b) => lengthOf(held, a) - lengthOf(held, b));
  const batches = Math.ceil(order.length / batchSize);
  for (const i of spread(batches, most === 0 ? batches : most)) {
    const rows = order.slice(i * batchSize, (i + 1) * batchSize);
    const count = rows.reduce((sum, row) => sum + held.targetIds[row]!.length, 0);
    yield { batch: { ...pairBatch(held, rows, pad), ...extra(undefined) }, count };
  }
}

/** `most` of the numbers below `count`, evenly apart. */
const spread = (count: number, most: number): number[] => {
  const some = Math.min(count, most);
  return Array.from({ length: some }, (_, i) => Math.floor((i * count) / some));
};

/** What a row costs: by the target first, whose tokens cost most. */
const lengthOf = ({ sourceIds, targetIds }: Rows, row: number): number =>
  targetIds[row]!.length * 2 ** 20 + sourceIds[row]!.length;

const tokensOf = ({ sourceIds, targetIds }: Rows): number =>
  [...sourceIds, ...targetIds].reduce((sum, ids) => sum + ids.length, 0);
