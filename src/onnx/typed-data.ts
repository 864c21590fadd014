/** Numbers that a TensorProto holds one by one, not as raw bytes, become raw bytes. Source: onnx/onnx.proto, TensorProto. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { tensorProto } from "./fields.ts";
import type { OnnxType } from "./model.ts";
import { type Budget, checked, fields, numbers } from "./read-message.ts";

/** A field's bytes, in one piece or in many, and how many elements there must be. */
interface Source {
  readonly chunks: () => Iterable<Uint8Array>;
  readonly bytes: number;
  readonly length: number;
}

interface TypedData {
  readonly field: number;
  readonly wire: WireType;
  readonly unpack: (source: Source) => Uint8Array;
}

/** Words are raw bytes already. */
function words({ chunks, bytes }: Source): Uint8Array {
  const raw = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks()) {
    raw.set(chunk, at);
    at += chunk.length;
  }
  return raw;
}

/** Varints, each of which must fit an element of the array. */
const varints =
  <T>(allocate: (length: number) => { [i: number]: T; buffer: ArrayBuffer }, read: (reader: BinaryReader) => T) =>
  ({ chunks, bytes, length }: Source): Uint8Array => {
    if (length > bytes) throw new Error(`${length} elements cannot lie in ${bytes} bytes`); // before memory is taken
    const elements = allocate(length);
    let i = 0;
    for (const chunk of chunks()) {
      const reader = new BinaryReader(chunk);
      for (; reader.pos < reader.len; i++) {
        const value = checked("its data", () => read(reader));
        if (i >= length) continue;
        elements[i] = value;
        if (elements[i] !== value) throw new Error(`its element ${i} is ${value}, which is out of range`);
      }
    }
    if (i !== length) throw new Error(`its data has ${i} elements, not ${length}`);
    return new Uint8Array(elements.buffer);
  };

const int32 = (reader: BinaryReader) => reader.int32();
const int64 = (reader: BinaryReader) => BigInt(reader.int64());
const uint64 = (reader: BinaryReader) => BigInt(reader.uint64());

const int32s = (allocate: (length: number) => { [i: number]: number; buffer: ArrayBuffer }): TypedData => ({
  field: tensorProto.int32Data,
  wire: WireType.Varint,
  unpack: varints(allocate, int32),
});

/** Where each type's numbers lie; (b)float16 are bit patterns. */
const typedData: Readonly<Record<Exclude<OnnxType, "string">, TypedData>> = {
  float32: { field: tensorProto.floatData, wire: WireType.Bit32, unpack: words },
  float64: { field: tensorProto.doubleData, wire: WireType.Bit64, unpack: words },
  int32: int32s((n) => new Int32Array(n)),
  int16: int32s((n) => new Int16Array(n)),
  int8: int32s((n) => new Int8Array(n)),
  uint16: int32s((n) => new Uint16Array(n)),
  uint8: int32s((n) => new Uint8Array(n)),
  bool: int32s((n) => new Uint8Array(n)),
  float16: int32s((n) => new Uint16Array(n)),
  bfloat16: int32s((n) => new Uint16Array(n)),
  int64: {
    field: tensorProto.int64Data,
    wire: WireType.Varint,
    unpack: varints((n) => new BigInt64Array(n), int64),
  },
  uint64: {
    field: tensorProto.uint64Data,
    wire: WireType.Varint,
    unpack: varints((n) => new BigUint64Array(n), uint64),
  },
  uint32: {
    field: tensorProto.uint64Data,
    wire: WireType.Varint,
    unpack: varints(
      (n) => new Uint32Array(n),
      (reader) => Number(uint64(reader)),
    ),
  },
};

/** The raw bytes of a tensor's `length` elements; empty if the field of its type is. */
export function unpack(
  message: Uint8Array,
  { type, length, budget }: { type: Exclude<OnnxType, "string">; length: number; budget: Budget },
): Uint8Array {
  const { field, wire, unpack } = typedData[type];
  function* chunks() {
    for (const f of fields(message, "TensorProto", budget)) if (f.number === field) yield numbers(f, wire);
  }
  let bytes = 0;
  for (const chunk of chunks()) bytes += chunk.length;
  return unpack({ chunks, bytes, length });
}
