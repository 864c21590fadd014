/** Numbers as a caller has them, nested arrays or flat ones with dims, and as a program takes and gives them. */
import { arrayOf, count, type Data, type DType, toData, type Value } from "./tensor/dtype.ts";

export type Nested = number | bigint | boolean | readonly Nested[];
/** [[1, 2], [3, 4]], or { data, dims }. */
export type Arrays =
  | Nested
  | { readonly data: ArrayLike<number> | ArrayLike<bigint>; readonly dims: readonly number[] };

/** What a program gave. */
export interface Result {
  readonly data: Data;
  readonly dims: readonly number[];
  readonly dtype: DType;
  /** Nested arrays of numbers, as deep as there are dims; a number where there are none. */
  toArray(): Nested;
}

/** Throws a TypeError that names the input where rows differ in length, or the numbers do not fill the dims. */
export function toValue(name: string, given: Arrays, dtype: "int64" | "float32"): Value {
  const fail = (why: string): never => {
    throw new TypeError(`run: ${name}: ${why}`);
  };
  const dims = dimsOf(given);
  if (isFlat(given)) {
    const { data } = given;
    if (data.length !== count(dims))
      fail(`its dims [${dims.join(", ")}] take ${count(dims)} numbers, its data has ${data.length}`);
    return {
      dtype,
      dims,
      data: data instanceof arrayOf[dtype] ? data : toData(dtype, Array.from<number | bigint, number>(data, Number)),
    } as Value;
  }
  const flat: number[] = [];
  const walk = (x: Nested, depth: number): void => {
    if (!Array.isArray(x)) {
      if (depth !== dims.length) fail("some of its rows are deeper than others");
      flat.push(Number(x));
      return;
    }
    if (x.length !== dims[depth])
      fail(`rows of different lengths: ${dims[depth]} ≠ ${x.length}; pad them and give an attention_mask`);
    for (const item of x) walk(item, depth + 1);
  };
  walk(given, 0);
  const bad = dtype === "int64" ? flat.findIndex((x) => !Number.isSafeInteger(x)) : flat.findIndex(Number.isNaN);
  if (bad >= 0) fail(`number ${bad} is ${flat[bad]}, not ${dtype === "int64" ? "a whole number" : "a number"}`);
  return { dtype, dims, data: toData(dtype, flat) } as Value;
}

const isFlat = (given: Arrays): given is Exclude<Arrays, Nested> => typeof given === "object" && "dims" in given;

/** Of nested arrays, as their first ones say. */
export function dimsOf(given: Arrays): readonly number[] {
  if (isFlat(given)) return given.dims;
  const dims: number[] = [];
  for (let x: Nested = given; Array.isArray(x); x = x[0] as Nested) {
    dims.push(x.length);
    if (x.length === 0) break;
  }
  return dims;
}

export const toResult = ({ data, dims, dtype }: Value): Result => ({
  data,
  dims,
  dtype,
  toArray: () => nest(data, dims),
});

function nest(data: Data, dims: readonly number[]): Nested {
  const at = (i: number) => (typeof data[i] === "bigint" ? Number(data[i]) : (data[i] as number));
  const build = (axis: number, start: number, size: number): Nested => {
    if (axis === dims.length) return at(start);
    const step = size / dims[axis]!;
    return Array.from({ length: dims[axis]! }, (_, i) => build(axis + 1, start + i * step, step));
  };
  return build(0, 0, data.length);
}
