/** Looking at what programs give. */
import { count, type Value } from "../../src/tensor/dtype.ts";

/** The numbers of x[i, j, …]: a row, a position, or one number. */
export function at({ dims, data }: Value, ...place: number[]): number[] {
  const rest = count(dims.slice(place.length));
  const start = place.reduce((offset, i, axis) => offset + i * count(dims.slice(axis + 1)), 0);
  return Array.from<number | bigint, number>(data.subarray(start, start + rest), Number);
}

export const all = (value: Value): number[] => at(value);

export const largest = (xs: readonly number[]): number => xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The largest difference, as a share of the largest of `want`; Infinity where there are more, fewer, or no numbers. */
export function distance(got: readonly number[], want: readonly number[]): number {
  if (got.length !== want.length || got.length === 0) return Number.POSITIVE_INFINITY;
  const off = want.map((x, i) => Math.abs(got[i]! - x));
  return off.some(Number.isNaN) ? Number.POSITIVE_INFINITY : largest(off) / largest(want);
}

export const filled = (dims: readonly number[], x: number): Value<"float32"> => ({
  dtype: "float32",
  dims,
  data: new Float32Array(count(dims)).fill(x),
});
