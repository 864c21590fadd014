/**
 * What numbers a safetensors file can hold, in the reference's order (by growing alignment), and as which array of
 * ours each is read. https://github.com/huggingface/safetensors, `Dtype`
 */
import { bfloat16ToFloat32, float8e4m3ToFloat32, float8e5m2ToFloat32, float16ToFloat32 } from "./half.ts";

const MOST_BYTES = 2 ** 30;

/** The array that holds each number type in memory; a bool is a byte, 0 or 1. */
export interface HostArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
}

/** The name of a number type in memory. */
export type HostDtype = keyof HostArrays;

/** Numbers in memory, row by row: as read from a file, or to be written to one. */
export type HostTensor = {
  [D in HostDtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: HostArrays[D] };
}[HostDtype];

/** The data of any {@link HostTensor}. */
export type HostArray = HostTensor["data"];

export const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** One of safetensors' dtypes. */
export interface StoredDtype {
  readonly name: string;
  readonly bits: number;
  /** As what it is read; absent for those that only a header may name. */
  readonly host?: HostDtype;
  /** For those that are read by way of others: how a piece of the file becomes float32. */
  readonly toFloat32?: (piece: Uint8Array<ArrayBuffer>, out: Float32Array) => void;
}

const ORDERED: readonly StoredDtype[] = [
  { name: "BOOL", bits: 8, host: "bool" },
  { name: "F4", bits: 4 },
  { name: "F6_E2M3", bits: 6 },
  { name: "F6_E3M2", bits: 6 },
  { name: "U8", bits: 8, host: "uint8" },
  { name: "I8", bits: 8, host: "int8" },
  { name: "F8_E5M2", bits: 8, host: "float32", toFloat32: (x, out) => float8e5m2ToFloat32(x, out) },
  { name: "F8_E4M3", bits: 8, host: "float32", toFloat32: (x, out) => float8e4m3ToFloat32(x, out) },
  { name: "F8_E8M0", bits: 8 },
  { name: "F8_E4M3FNUZ", bits: 8 },
  { name: "F8_E5M2FNUZ", bits: 8 },
  { name: "I16", bits: 16, host: "int16" },
  { name: "U16", bits: 16, host: "uint16" },
  { name: "F16", bits: 16, host: "float32", toFloat32: (x, out) => float16ToFloat32(halves(x), out) },
  { name: "BF16", bits: 16, host: "float32", toFloat32: (x, out) => bfloat16ToFloat32(halves(x), out) },
  { name: "I32", bits: 32, host: "int32" },
  { name: "U32", bits: 32, host: "uint32" },
  { name: "F32", bits: 32, host: "float32" },
  { name: "C64", bits: 64 },
  { name: "F64", bits: 64, host: "float64", toFloat32: (x, out) => out.set(new Float64Array(x.buffer, 0, out.length)) },
  { name: "I64", bits: 64, host: "int64" },
  { name: "U64", bits: 64, host: "uint64" },
];

/** safetensors' dtypes by name, by growing alignment. */
export const STORED: ReadonlyMap<string, StoredDtype> = new Map(ORDERED.map((dtype) => [dtype.name, dtype]));

/** The bytes of an array, as views of at most 1 GiB: one view cannot hold more than 4. */
export function* bytesOf({ buffer, byteOffset, byteLength }: HostArray): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += MOST_BYTES)
    yield new Uint8Array(buffer, byteOffset + at, Math.min(MOST_BYTES, byteLength - at));
}

function halves(piece: Uint8Array<ArrayBuffer>): Uint16Array {
  return new Uint16Array(piece.buffer, 0, piece.length / 2);
}
