/**
 * Language-model batches: B blocks of T tokens, each with the tokens that follow as its labels (already shifted: the
 * label of position t is the token at t + 1, so that a loss compares logits and labels position by position).
 */

import { permute } from "../random/permutation.ts";
import { below, keyOf } from "../random.ts";
import type { TokenSource } from "./token-source.ts";

export interface IdTensor {
  readonly dtype: "int64";
  readonly dims: readonly number[];
  readonly data: BigInt64Array;
}
/** [B, T] each. */
export interface Blocks {
  readonly input_ids: IdTensor;
  readonly labels: IdTensor;
}
export interface BlockOptions {
  /** T, in tokens. */
  readonly blockSize: number;
  /** B. */
  readonly batchSize: number;
}

/** The label of a position that counts for nothing, as in PyTorch's cross-entropy. */
export const IGNORED = -100n;

/** How many blocks one pass over the source has: those that are whole and have a token after them. */
export const countBlocks = ({ length }: TokenSource, blockSize: number): number => Math.floor((length - 1) / blockSize);

/**
 * Blocks from anywhere, as nanoGPT draws them: a batch's starts are uniform over all places. Batch `update` depends on
 * the seed and `update` alone, so a resumed run sees what an unbroken one does.
 */
export function randomBlocks(
  source: TokenSource,
  { blockSize, batchSize, seed }: BlockOptions & { readonly seed: number },
): (update: number) => Blocks {
  checkBlocks(source, { blockSize, batchSize });
  const places = source.length - blockSize;
  return (update) => {
    const key = keyOf(seed, "random blocks", update);
    return rowsAt(source, blockSize, batchSize, (row) => below(places, key, row));
  };
}

/**
 * Every block once in each pass, in an order of the pass's own: batch `update`, from 0, holds the next B blocks, and a
 * batch may reach from one pass into the next. The cuts move from pass to pass, so that no token is always left over.
 * As with `randomBlocks`, a batch depends on the seed and `update` alone; nothing is held but the source.
 */
export function shuffledBlocks(
  source: TokenSource,
  { blockSize, batchSize, seed }: BlockOptions & { readonly seed: number },
): (update: number) => Blocks {
  checkBlocks(source, { blockSize, batchSize });
  const count = countBlocks(source, blockSize);
  const spare = source.length - 1 - count * blockSize;
  return (update) =>
    rowsAt(source, blockSize, batchSize, (row) => {
      const place = update * batchSize + row;
      const key = keyOf(seed, "shuffled blocks", Math.floor(place / count));
      return below(spare + 1, key, 0) + permute(place % count, count, key) * blockSize;
    });
}

/**
 * The whole source in order: each token but the first is a label once. The last block is filled up with id 0 and the
 * label IGNORED; `count` is how many labels of a batch count, so the source's loss is the mean weighted by it.
 */
export function* evaluationBlocks(
  source: TokenSource,
  { blockSize, batchSize }: BlockOptions,
): Generator<{ batch: Blocks; count: number }> {
  checkBlocks(source, { blockSize, batchSize });
  const total = source.length - 1;
  const blocks = Math.ceil(total / blockSize);
  for (let first = 0; first < blocks; first += batchSize) {
    const here = Math.min(batchSize, blocks - first);
    const batch = rowsAt(source, blockSize, here, (row) => (first + row) * blockSize);
    yield { batch, count: Math.min(total, (first + here) * blockSize) - first * blockSize };
  }
}

const MOST_TOKENS = 2 ** 27; // ids and labels take 2 GiB

export function checkBlocks({ length }: TokenSource, options: BlockOptions): void {
  for (const [name, size] of Object.entries(options))
    if (!(Number.isSafeInteger(size) && size >= 1))
      throw new RangeError(`blocks: ${name} is ${size}, but must be a whole number ≥ 1`);
  const { batchSize, blockSize } = options;
  if (batchSize * blockSize > MOST_TOKENS)
    throw new RangeError(
      `blocks: ${batchSize} rows of ${blockSize} tokens are ${batchSize * blockSize} in one batch, and ${MOST_TOKENS} is the most; use a smaller batch size`,
    );
  if (length < options.blockSize + 1)
    throw new RangeError(
      `blocks: the text has ${length} tokens, but a block of ${options.blockSize} and the token after it need ` +
        `${options.blockSize + 1}; use more text or a smaller block size`,
    );
}

/** Blocks by where they start, and how many labels they have, T unless given; what lies beyond the source is filled up. */
export function rowsAt(
  source: TokenSource,
  T: number,
  B: number,
  start: (row: number) => number,
  labelled: (row: number) => number = () => T,
): Blocks {
  const ids = new BigInt64Array(B * T);
  const labels = new BigInt64Array(B * T).fill(IGNORED);
  for (let row = 0; row < B; row++) {
    const begin = start(row);
    const tokens = source.slice(begin, Math.min(begin + labelled(row) + 1, source.length));
    for (let t = 0; t + 1 < tokens.length; t++) {
      ids[row * T + t] = BigInt(tokens[t]!);
      labels[row * T + t] = BigInt(tokens[t + 1]!);
    }
  }
  const tensor = (data: BigInt64Array): IdTensor => ({ dtype: "int64", dims: [B, T], data });
  return { input_ids: tensor(ids), labels: tensor(labels) };
}
