/** A model as ONNX sees it, as plain data: what encode.ts writes and decode.ts reads. Words: onnx/docs/IR.md. */

/** Element types. Raw data is little-endian; a bool is one byte; (b)float16 are their bit patterns. */
export type OnnxType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "bool"
  | "string";

/** A number, a symbol (ONNX's dim_param), or "" for a size that the file leaves open. */
export type Size = number | string;

/** Where in a file beside the model the bytes of a tensor lie. `location` is relative to the model's folder. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly dims: readonly number[];
  /** Raw little-endian bytes, or where in an external file they lie; strings if the type is "string". */
  readonly data: Uint8Array | ExternalData | readonly string[];
}

/** Integers are int64: a bigint outside ±(2^53 - 1). Floats are rounded to float32. */
export type OnnxAttribute =
  | { readonly int: number | bigint }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** "" is ai.onnx, the standard operators. */
  readonly domain: string;
  /** "" stands for an optional input that is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  readonly doc?: string;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly dims: readonly Size[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Types of values inside, for readers; absent if there are none. */
  readonly values?: readonly OnnxValue[];
}

export interface OnnxModel {
  readonly irVersion: number;
  /** Domain → version; "" is ai.onnx. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly graph: OnnxGraph;
  /** Absent if there is none. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Bytes of one element; a string has no fixed size. */
export const elementBytes: Readonly<Record<Exclude<OnnxType, "string">, number>> = {
  float64: 8,
  int64: 8,
  uint64: 8,
  float32: 4,
  int32: 4,
  uint32: 4,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** The number of elements, also where a product with a zero in it would overflow. */
export const elements = (dims: readonly number[]): number =>
  dims.includes(0) ? 0 : dims.reduce((product, size) => product * size, 1);

/** Throws unless the tensor's data is as long as its type and dims say; the error doesn't name the tensor. */
export function checkTensor({ type, dims, data }: OnnxTensor): void {
  const what = `${type}[${dims.join(", ")}]`;
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Error(`${what} is no shape`);
  if (isStrings(data) !== (type === "string"))
    throw new Error(`${what} cannot hold ${isStrings(data) ? "strings" : "bytes"}`);
  const [unit, need] = type === "string" ? ["strings", 1] : ["bytes", elementBytes[type]];
  const length = elements(dims) * need;
  if (data.length !== length) throw new Error(`${what} takes ${length} ${unit}, its data has ${data.length}`);
}

export const isStrings = (data: OnnxTensor["data"]): data is readonly string[] => Array.isArray(data);
