/**
 * A text as B texts side by side, read on from batch to batch: row r's block follows its block of the batch before, so
 * that a recurrent model can go on from the state it was left in.
 */
import { type BlockOptions, type Blocks, checkBlocks, rowsAt } from "./blocks.ts";
import type { TokenSource } from "./token-source.ts";

export interface StreamBlocks extends Blocks {
  /** 1 where a row goes on from the batch before, 0 where it begins anew. [B] */
  readonly continues: { readonly dtype: "float32"; readonly dims: readonly number[]; readonly data: Float32Array };
}

/**
 * Batch `update`, from 1: B blocks, each a row's next one. When the shortest row has no whole block left, all rows begin
 * anew. A batch depends on `update` alone. Throws a RangeError for a text that does not have a block for each row.
 */
export function streamBlocks(source: TokenSource, options: BlockOptions): (update: number) => StreamBlocks {
  const { blockSize, batchSize } = options;
  checkBlocks(source, options);
  const length = Math.floor((source.length - 1) / batchSize);
  const count = Math.floor(length / blockSize);
  if (count === 0)
    throw new RangeError(
      `streams: the text has ${source.length} tokens, but ${batchSize} rows with a block of ${blockSize} each need ${batchSize * blockSize + 1}; use more text, or a smaller batch or block`,
    );
  return (update) => {
    const block = (update - 1) % count;
    const rows = rowsAt(source, blockSize, batchSize, (row) => row * length + block * blockSize);
    return { ...rows, continues: flags(batchSize, Number(block > 0)) };
  };
}

/** The whole source so: each token but the first is a label once; `count` is how many of a batch's count. */
export function* evaluationStreams(
  source: TokenSource,
  { blockSize, batchSize }: BlockOptions,
): Generator<{ batch: StreamBlocks; count: number }> {
  const total = source.length - 1;
  const B = Math.min(batchSize, total);
  const length = Math.ceil(total / B);
  for (let begin = 0; begin < length; begin += blockSize) {
    const ends = (row: number) => Math.min(total, (row + 1) * length, row * length + begin + blockSize);
    const counts = Array.from({ length: B }, (_, row) => Math.max(0, ends(row) - (row * length + begin)));
    const batch = rowsAt(
      source,
      blockSize,
      B,
      (row) => Math.min(total, row * length + begin),
      (row) => counts[row]!,
    );
    yield { batch: { ...batch, continues: flags(B, Number(begin > 0)) }, count: counts.reduce((a, b) => a + b, 0) };
  }
}

const flags = (B: number, value: number) =>
  ({ dtype: "float32", dims: [B], data: new Float32Array(B).fill(value) }) as const;
