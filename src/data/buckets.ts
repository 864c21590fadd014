/** Batches of rows of about the same length, so that little of a batch is padding. */
import { permutation, permute } from "../random/permutation.ts";
import { keyOf } from "../random.ts";

export interface BucketOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** Rows of so many batches, drawn together, are sorted by length and then cut into batches. */
  readonly pool?: number;
}

export interface Buckets {
  /** Batches in a pass: every row stands in one of them; the last of a pass may have fewer rows. */
  readonly perPass: number;
  /** The rows of batch `index`, from 0. It depends on the seed and the index alone. */
  (index: number): readonly number[];
}

/**
 * In each pass the rows come in an order of its own; every `pool` batches of them are sorted by length, and the batches
 * come in an order of chance, too. `lengths` may be any numbers that grow with what a row costs.
 * Throws a RangeError where there is no row.
 */
export function bucketBatches(lengths: ArrayLike<number>, { batchSize, seed, pool = 100 }: BucketOptions): Buckets {
  const count = lengths.length;
  if (count === 0) throw new RangeError("buckets: there is no row");
  const perPass = Math.ceil(count / batchSize);
  let last: { readonly pass: number; readonly batches: readonly (readonly number[])[] } | undefined;

  function batchesOf(pass: number): readonly (readonly number[])[] {
    const order = permutation(count, keyOf(seed, "buckets", pass));
    const batches: (readonly number[])[] = [];
    for (let start = 0; start < count; start += pool * batchSize) {
      const rows = [...order.subarray(start, start + pool * batchSize)].sort((a, b) => lengths[a]! - lengths[b]!);
      for (let i = 0; i < rows.length; i += batchSize) batches.push(rows.slice(i, i + batchSize));
    }
    return batches;
  }
  const at = (index: number): readonly number[] => {
    const pass = Math.floor(index / perPass);
    if (last?.pass !== pass) last = { pass, batches: batchesOf(pass) };
    return last.batches[permute(index % perPass, perPass, keyOf(seed, "bucket order", pass))]!;
  };
  return Object.assign(at, { perPass });
}
