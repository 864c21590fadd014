/** A model from the bytes of an .onnx file, which may be hostile. Source: onnx/onnx.proto, one function a message. */
import { readGraph, standard } from "./decode-graph.ts";
import { readEntry } from "./decode-tensor.ts";
import { modelProto, operatorSetIdProto } from "./fields.ts";
import type { OnnxGraph, OnnxModel } from "./model.ts";
import { type Budget, bytes, count, fields, newBudget, text } from "./read-message.ts";
import { reason } from "./within.ts";

/**
 * Raw data of tensors is a view of `file`, not a copy. What OnnxModel has no place for is left out, or refused as "not
 * supported" where the model would mean something else without it. Throws one line, which names the file by `where`,
 * if it is cut off, corrupt or hostile; memory taken before that is a small multiple of the file's.
 */
export function decodeModel(file: Uint8Array, { where = "the model" } = {}): OnnxModel {
  try {
    return readModel(new Uint8Array(file.buffer, file.byteOffset, file.byteLength), newBudget());
  } catch (cause) {
    throw new Error(`onnx: ${reason(cause)} (in ${where})`, { cause });
  }
}

function readModel(message: Uint8Array, budget: Budget): OnnxModel {
  let irVersion = 0;
  let producer = "";
  let graph: OnnxGraph | undefined;
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  for (const f of fields(message, "ModelProto", budget)) {
    if (f.number === modelProto.irVersion) irVersion = count(f);
    else if (f.number === modelProto.producerName) producer = text(f);
    else if (f.number === modelProto.graph) graph = readGraph(bytes(f), budget);
    else if (f.number === modelProto.opsetImport) opsets.set(...readOpset(bytes(f), budget));
    else if (f.number === modelProto.metadataProps) metadata.set(...readEntry(bytes(f), budget));
    else if (f.number === modelProto.functions)
      throw new Error("not supported: functions in the model: inline them with Python's onnx.inliner");
  }
  if (graph === undefined) throw new Error("no graph: is it an ONNX model?");
  const model = { irVersion, opsets: Object.fromEntries(opsets), producer, graph };
  return metadata.size === 0 ? model : { ...model, metadata: Object.fromEntries(metadata) };
}

function readOpset(message: Uint8Array, budget: Budget): [domain: string, version: number] {
  let domain = "";
  let version = 0;
  for (const f of fields(message, "OperatorSetIdProto", budget)) {
    if (f.number === operatorSetIdProto.domain) domain = text(f);
    else if (f.number === operatorSetIdProto.version) version = count(f);
  }
  return [standard(domain), version];
}
