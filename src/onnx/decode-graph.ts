/** GraphProto and what holds it: nodes, whose attributes may be graphs. Source: onnx/onnx.proto, one function a message. */
import { readTensor } from "./decode-tensor.ts";
import { readValue } from "./decode-value.ts";
import { attributeKinds, attributeProto, attributeTypes, graphProto, nodeProto } from "./fields.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";
import { type Budget, bytes, count, deeper, fields, float, floats, int, ints, text } from "./read-message.ts";
import { quoted, within } from "./within.ts";

export function readGraph(message: Uint8Array, budget: Budget): OnnxGraph {
  let name = "";
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const values: OnnxValue[] = [];
  for (const f of fields(message, "GraphProto", budget)) {
    if (f.number === graphProto.name) name = text(f);
    else if (f.number === graphProto.node) nodes.push(readNode(bytes(f), budget));
    else if (f.number === graphProto.initializer) initializers.push(readTensor(bytes(f), budget));
    else if (f.number === graphProto.input) inputs.push(needed(readValue(bytes(f), budget)));
    else if (f.number === graphProto.output) outputs.push(needed(readValue(bytes(f), budget)));
    else if (f.number === graphProto.sparseInitializer) throw new Error("not supported: sparse initializers");
    else if (f.number === graphProto.valueInfo) {
      const value = readValue(bytes(f), budget);
      if (typeof value !== "string") values.push(value); // the others tell readers nothing that they need
    }
  }
  const graph = { name, nodes, initializers, inputs, outputs };
  return values.length === 0 ? graph : { ...graph, values };
}

function needed(value: OnnxValue | string): OnnxValue {
  if (typeof value === "string") throw new Error(value);
  return value;
}

function readNode(message: Uint8Array, budget: Budget): OnnxNode {
  let name = "";
  let op = "";
  const read = (): OnnxNode => {
    let domain = "";
    let doc: string | undefined;
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, OnnxAttribute>();
    for (const f of fields(message, "NodeProto", budget)) {
      if (f.number === nodeProto.name) name = text(f);
      else if (f.number === nodeProto.opType) op = text(f);
      else if (f.number === nodeProto.domain) domain = standard(text(f));
      else if (f.number === nodeProto.docString) doc = text(f);
      else if (f.number === nodeProto.input) inputs.push(text(f));
      else if (f.number === nodeProto.output) outputs.push(text(f));
      else if (f.number === nodeProto.attribute) attributes.set(...readAttribute(bytes(f), budget));
    }
    if (op === "") throw new Error("has no operator");
    const node = { name, op, domain, inputs, outputs, attributes: Object.fromEntries(attributes) };
    return doc === undefined ? node : { ...node, doc };
  };
  return within(() => `node ${quoted(name || op)}`, read);
}

interface Found {
  int?: number | bigint;
  float?: number;
  string?: string;
  tensor?: OnnxTensor;
  graph?: OnnxGraph;
  readonly ints: (number | bigint)[];
  readonly floats: number[];
  readonly strings: string[];
}

function readAttribute(message: Uint8Array, budget: Budget): [name: string, value: OnnxAttribute] {
  let name = "";
  const read = (): OnnxAttribute => {
    let type = 0;
    const found: Found = { ints: [], floats: [], strings: [] };
    for (const f of fields(message, "AttributeProto", budget)) {
      if (f.number === attributeProto.name) name = text(f);
      else if (f.number === attributeProto.type) type = count(f);
      else if (f.number === attributeProto.f) found.float = float(f);
      else if (f.number === attributeProto.i) found.int = int(f);
      else if (f.number === attributeProto.s) found.string = text(f);
      else if (f.number === attributeProto.t) found.tensor = readTensor(bytes(f), budget);
      else if (f.number === attributeProto.g) found.graph = deeper(budget, () => readGraph(bytes(f), budget));
      else if (f.number === attributeProto.floats) floats(f, (value) => found.floats.push(value));
      else if (f.number === attributeProto.ints) ints(f, (value) => found.ints.push(value));
      else if (f.number === attributeProto.strings) found.strings.push(text(f));
      else if (f.number === attributeProto.refAttrName) throw new Error("not supported: a function's attribute");
    }
    return chosen(found, type);
  };
  const value = within(() => `attribute ${quoted(name)}`, read);
  return [name, value];
}

/** The value of the type that the file says; old files don't say, and some leave out a 0 or an empty list. */
function chosen(found: Found, type: number): OnnxAttribute {
  const { int = 0, float = 0, string = "", ints, floats, strings, tensor, graph } = found;
  const held = Object.entries(found).flatMap(([kind, value]) =>
    Array.isArray(value) && value.length === 0 ? [] : kind,
  );
  const kind = type === 0 ? held[0] : (attributeKinds.get(type) ?? `type ${type}`);
  if (held.some((other) => other !== kind)) throw new Error(`is said to hold ${kind} and holds ${held.join(", ")}`);
  if (kind === "int") return { int };
  if (kind === "float") return { float };
  if (kind === "string") return { string };
  if (kind === "ints") return { ints };
  if (kind === "floats") return { floats };
  if (kind === "strings") return { strings };
  if (kind === "tensor" && tensor) return { tensor };
  if (kind === "graph" && graph) return { graph };
  throw new Error(kind === undefined || kind in attributeTypes ? "has no value" : `not supported: ${kind}`);
}

/** "ai.onnx" is the standard domain's other name. */
export const standard = (domain: string): string => (domain === "ai.onnx" ? "" : domain);
