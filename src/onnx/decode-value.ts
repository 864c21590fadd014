/** ValueInfoProto: a value's name, element type and sizes. Source: onnx/onnx.proto. */
import { dimensionProto, tensorShapeProto, tensorTypeProto, typeOfCode, typeProto, valueInfoProto } from "./fields.ts";
import type { OnnxValue, Size } from "./model.ts";
import { type Budget, bytes, count, fields, text } from "./read-message.ts";
import { quoted } from "./within.ts";

/** What can be known of a value; OnnxValue needs all of it. */
interface Found {
  name: string;
  code?: number;
  dims?: Size[];
}

/** A value, or in words why it cannot be an OnnxValue, which matters only to who needs it. */
export function readValue(message: Uint8Array, budget: Budget): OnnxValue | string {
  const found: Found = { name: "" };
  for (const f of fields(message, "ValueInfoProto", budget)) {
    if (f.number === valueInfoProto.name) found.name = text(f);
    else if (f.number === valueInfoProto.type) readType(bytes(f), found, budget);
  }
  const { name, code, dims } = found;
  const type = typeOfCode.get(code ?? 0);
  if (code === undefined) return `not supported: value ${quoted(name)} has no tensor type`;
  if (type === undefined) return `not supported: value ${quoted(name)} has element type ${code}`;
  if (dims === undefined) return `not supported: value ${quoted(name)} has no shape`;
  return { name, type, dims };
}

function readType(message: Uint8Array, found: Found, budget: Budget): void {
  for (const kind of fields(message, "TypeProto", budget)) {
    if (kind.number !== typeProto.tensorType) continue;
    found.code = 0;
    for (const f of fields(bytes(kind), "TypeProto.Tensor", budget)) {
      if (f.number === tensorTypeProto.elemType) found.code = count(f);
      else if (f.number === tensorTypeProto.shape) found.dims = readShape(bytes(f), budget);
    }
  }
}

function readShape(message: Uint8Array, budget: Budget): Size[] {
  const dims: Size[] = [];
  for (const f of fields(message, "TensorShapeProto", budget))
    if (f.number === tensorShapeProto.dim) dims.push(readDim(bytes(f), budget));
  return dims;
}

function readDim(message: Uint8Array, budget: Budget): Size {
  let size: Size = "";
  for (const f of fields(message, "TensorShapeProto.Dimension", budget)) {
    if (f.number === dimensionProto.dimValue) size = count(f);
    else if (f.number === dimensionProto.dimParam) size = text(f);
  }
  return size;
}
