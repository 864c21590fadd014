/**
 * The numbers of ONNX's protobuf messages, fields and enums that this room writes and reads.
 * Source: onnx/onnx.proto of ONNX 1.23 (IR version 14); a test compares them with Python's onnx.
 */
import type { OnnxType } from "./model.ts";

export const modelProto = {
  irVersion: 1,
  producerName: 2,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  functions: 25,
} as const;
export const operatorSetIdProto = { domain: 1, version: 2 } as const;
export const stringStringEntryProto = { key: 1, value: 2 } as const;
export const graphProto = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;
export const nodeProto = {
  input: 1,
  output: 2,
  name: 3,
  opType: 4,
  attribute: 5,
  docString: 6,
  domain: 7,
} as const;
export const valueInfoProto = { name: 1, type: 2 } as const;
export const typeProto = { tensorType: 1 } as const;
export const tensorTypeProto = { elemType: 1, shape: 2 } as const;
export const tensorShapeProto = { dim: 1 } as const;
export const dimensionProto = { dimValue: 1, dimParam: 2 } as const;
export const attributeProto = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  type: 20,
  refAttrName: 21,
} as const;
export const tensorProto = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

/** TensorProto.DataLocation. */
export const EXTERNAL = 1;

/** AttributeProto.AttributeType, and the field that holds the value. */
export const attributeTypes = {
  float: { type: 1, field: attributeProto.f },
  int: { type: 2, field: attributeProto.i },
  string: { type: 3, field: attributeProto.s },
  tensor: { type: 4, field: attributeProto.t },
  graph: { type: 5, field: attributeProto.g },
  floats: { type: 6, field: attributeProto.floats },
  ints: { type: 7, field: attributeProto.ints },
  strings: { type: 8, field: attributeProto.strings },
} as const;

/** Its types that OnnxAttribute does not have. */
const otherAttributeTypes = {
  tensors: 9,
  graphs: 10,
  sparse_tensor: 11,
  sparse_tensors: 12,
  type_proto: 13,
  type_protos: 14,
} as const;

/** Type → "int", "graph", "sparse_tensor", … */
export const attributeKinds: ReadonlyMap<number, string> = new Map([
  ...Object.entries(attributeTypes).map(([kind, { type }]) => [type, kind] as const),
  ...Object.entries(otherAttributeTypes).map(([kind, type]) => [type, kind] as const),
]);

/** TensorProto.DataType. */
export const typeCode: Readonly<Record<OnnxType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** The type of a code, if this room knows it. */
export const typeOfCode: ReadonlyMap<number, OnnxType> = new Map(
  Object.entries(typeCode).map(([type, code]) => [code, type as OnnxType]),
);
