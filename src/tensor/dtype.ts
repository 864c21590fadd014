/** Element types, and the typed arrays that hold them. Booleans are bytes: 0 or 1. */

export interface ArrayOf {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly bool: Uint8Array;
}
export type DType = keyof ArrayOf;
export type FloatType = "float32" | "float64";
export type Data = ArrayOf[DType];

/** Numbers outside a graph: what a program is fed and what it gives back. `dims` in row-major order. */
export interface Value<D extends DType = DType> {
  readonly dtype: D;
  readonly dims: readonly number[];
  readonly data: ArrayOf[D];
}

export const arrayOf = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const;

/** An array of that type holding these numbers. */
export const toData = (dtype: DType, values: readonly number[]): Data =>
  dtype === "int64" ? BigInt64Array.from(values, BigInt) : arrayOf[dtype].from(values);

/** How many elements a tensor of these dims has. */
export const count = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);
