/** TensorProto: whichever of its fields a file keeps the data in, it becomes raw bytes. Source: onnx/onnx.proto. */
import { EXTERNAL, stringStringEntryProto, tensorProto, typeOfCode } from "./fields.ts";
import { checkTensor, type ExternalData, elementBytes, elements, type OnnxTensor, type OnnxType } from "./model.ts";
import { type Budget, bytes, count, fields, ints, text } from "./read-message.ts";
import { unpack } from "./typed-data.ts";
import { quoted, within } from "./within.ts";

/** The most dims of a tensor (NumPy's limit). */
const MAX_RANK = 64;

const { floatData, int32Data, stringData, int64Data, rawData, doubleData, uint64Data } = tensorProto;
const dataFields: readonly number[] = [floatData, int32Data, stringData, int64Data, rawData, doubleData, uint64Data];

/** Raw data is a view of `message`. Throws unless the data is as long as type and dims say. */
export function readTensor(message: Uint8Array, budget: Budget): OnnxTensor {
  let name = "";
  const read = (): OnnxTensor => {
    let code = 0;
    let raw: Uint8Array | undefined;
    let external = false;
    const dims: number[] = [];
    const strings: string[] = [];
    const place = new Map<string, string>();
    const held = new Set<number>();
    for (const f of fields(message, "TensorProto", budget)) {
      if (dataFields.includes(f.number)) held.add(f.number);
      if (f.number === tensorProto.name) name = text(f);
      else if (f.number === tensorProto.dataType) code = count(f);
      else if (f.number === tensorProto.dims) ints(f, (size) => dims.push(dimOf(dims, size)));
      else if (f.number === rawData) raw = bytes(f);
      else if (f.number === stringData) strings.push(text(f));
      else if (f.number === tensorProto.externalData) place.set(...readEntry(bytes(f), budget));
      else if (f.number === tensorProto.dataLocation) external = count(f) === EXTERNAL;
      else if (f.number === tensorProto.segment) throw new Error("not supported: data in segments");
    }
    if (held.size > 1) throw new Error(`has data in ${held.size} fields`);
    const type = typeOfCode.get(code);
    if (type === undefined) throw new Error(`not supported: element type ${code}`);
    const length = elements(dims);
    const data = external
      ? externalData(place, type, length)
      : (raw ?? (type === "string" ? strings : unpack(message, { type, length, budget })));
    const tensor = { name, type, dims, data };
    checkTensor(tensor);
    return tensor;
  };
  return within(() => `tensor ${quoted(name)}`, read);
}

function dimOf(dims: readonly number[], size: number | bigint): number {
  if (dims.length === MAX_RANK) throw new Error(`has more than ${MAX_RANK} dims`);
  if (typeof size === "bigint" || size < 0) throw new Error(`has a dim of ${size}`);
  return size;
}

/** Where the bytes lie. A path that leaves the model's folder is refused. */
function externalData(place: ReadonlyMap<string, string>, type: OnnxType, length: number): ExternalData {
  if (type === "string") throw new Error("not supported: strings as external data");
  const location = place.get("location") ?? "";
  if (location.includes(":") || location.split(/[/\\]/).some((part) => part === "" || part === ".."))
    throw new Error(`its external data lies outside the model's folder: ${quoted(location)}`);
  const number = (key: string, otherwise: number): number => {
    const value = place.get(key);
    if (value === undefined) return otherwise;
    if (!/^\d{1,15}$/.test(value)) throw new Error(`the ${key} of its external data is ${quoted(value)}`);
    return Number(value);
  };
  return { location, offset: number("offset", 0), length: number("length", length * elementBytes[type]) };
}

/** A StringStringEntryProto. */
export function readEntry(message: Uint8Array, budget: Budget): [key: string, value: string] {
  let key = "";
  let value = "";
  for (const f of fields(message, "StringStringEntryProto", budget)) {
    if (f.number === stringStringEntryProto.key) key = text(f);
    else if (f.number === stringStringEntryProto.value) value = text(f);
  }
  return [key, value];
}
