/** A model as the bytes of an .onnx file. Source: onnx/onnx.proto, one function a message. */
import {
  attributeProto,
  attributeTypes,
  dimensionProto,
  EXTERNAL,
  graphProto,
  modelProto,
  nodeProto,
  operatorSetIdProto,
  stringStringEntryProto,
  tensorProto,
  tensorShapeProto,
  tensorTypeProto,
  typeCode,
  typeProto,
  valueInfoProto,
} from "./fields.ts";
import {
  checkTensor,
  isStrings,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from "./model.ts";
import { quoted, within } from "./within.ts";
import { bytes, embed, float, int, type Message, message, text } from "./write-message.ts";

/**
 * The bytes of an .onnx file. Data of 4 kB or more is copied once. Throws if a tensor's data is not as long as its
 * dims say, if a number fits no int64 or float32, or if the file would exceed protobuf's 2 GiB.
 */
export const encodeModel = (model: OnnxModel): Uint8Array =>
  within(
    () => "onnx",
    () => message((to) => writeModel(to, model)),
  );

function writeModel(to: Message, { irVersion, opsets, producer, graph, metadata = {} }: OnnxModel): void {
  int(to, modelProto.irVersion, irVersion);
  text(to, modelProto.producerName, producer);
  embed(to, modelProto.graph, (g) => writeGraph(g, graph));
  for (const [domain, version] of Object.entries(opsets))
    embed(to, modelProto.opsetImport, (opset) => {
      text(opset, operatorSetIdProto.domain, domain);
      int(opset, operatorSetIdProto.version, version);
    });
  for (const [key, value] of Object.entries(metadata)) writeEntry(to, modelProto.metadataProps, key, value);
}

function writeGraph(to: Message, { name, nodes, initializers, inputs, outputs, values = [] }: OnnxGraph): void {
  for (const node of nodes) embed(to, graphProto.node, (n) => writeNode(n, node));
  text(to, graphProto.name, name);
  for (const tensor of initializers) embed(to, graphProto.initializer, (t) => writeTensor(t, tensor));
  for (const value of inputs) embed(to, graphProto.input, (v) => writeValue(v, value));
  for (const value of outputs) embed(to, graphProto.output, (v) => writeValue(v, value));
  for (const value of values) embed(to, graphProto.valueInfo, (v) => writeValue(v, value));
}

function writeNode(to: Message, { name, op, domain, inputs, outputs, attributes, doc }: OnnxNode): void {
  for (const input of inputs) text(to, nodeProto.input, input);
  for (const output of outputs) text(to, nodeProto.output, output);
  text(to, nodeProto.name, name);
  text(to, nodeProto.opType, op);
  for (const [key, value] of Object.entries(attributes))
    within(
      () => `node ${quoted(name)}: attribute ${quoted(key)}`,
      () => embed(to, nodeProto.attribute, (a) => writeAttribute(a, key, value)),
    );
  if (doc !== undefined) text(to, nodeProto.docString, doc);
  if (domain !== "") text(to, nodeProto.domain, domain);
}

const kinds = ["int", "float", "string", "ints", "floats", "strings", "tensor", "graph"] as const;

function writeAttribute(to: Message, name: string, value: OnnxAttribute): void {
  const kind = kinds.find((kind) => kind in value);
  if (kind === undefined) throw new Error("has no value");
  const { type, field } = attributeTypes[kind];
  text(to, attributeProto.name, name);
  int(to, attributeProto.type, type);
  if ("int" in value) int(to, field, value.int);
  else if ("float" in value) float(to, field, value.float);
  else if ("string" in value) text(to, field, value.string);
  else if ("ints" in value) for (const i of value.ints) int(to, field, i);
  else if ("floats" in value) for (const f of value.floats) float(to, field, f);
  else if ("strings" in value) for (const s of value.strings) text(to, field, s);
  else if ("tensor" in value) embed(to, field, (t) => writeTensor(t, value.tensor));
  else embed(to, field, (g) => writeGraph(g, value.graph));
}

function writeTensor(to: Message, tensor: OnnxTensor): void {
  const { name, type, dims, data } = tensor;
  within(
    () => `tensor ${quoted(name)}`,
    () => checkTensor(tensor),
  );
  for (const size of dims) int(to, tensorProto.dims, size);
  int(to, tensorProto.dataType, typeCode[type]);
  text(to, tensorProto.name, name);
  if (isStrings(data)) for (const s of data) text(to, tensorProto.stringData, s);
  else if (data instanceof Uint8Array) bytes(to, tensorProto.rawData, data);
  else {
    writeEntry(to, tensorProto.externalData, "location", data.location);
    writeEntry(to, tensorProto.externalData, "offset", String(data.offset));
    writeEntry(to, tensorProto.externalData, "length", String(data.length));
    int(to, tensorProto.dataLocation, EXTERNAL);
  }
}

function writeValue(to: Message, { name, type, dims }: OnnxValue): void {
  text(to, valueInfoProto.name, name);
  const writeDim = (dim: Message, size: number | string) => {
    if (typeof size === "number") int(dim, dimensionProto.dimValue, size);
    else if (size !== "") text(dim, dimensionProto.dimParam, size);
  };
  const writeShape = (shape: Message) => {
    for (const size of dims) embed(shape, tensorShapeProto.dim, (dim) => writeDim(dim, size));
  };
  embed(to, valueInfoProto.type, (t) =>
    embed(t, typeProto.tensorType, (tensor) => {
      int(tensor, tensorTypeProto.elemType, typeCode[type]);
      embed(tensor, tensorTypeProto.shape, writeShape);
    }),
  );
}

function writeEntry(to: Message, field: number, key: string, value: string): void {
  embed(to, field, (entry) => {
    text(entry, stringStringEntryProto.key, key);
    text(entry, stringStringEntryProto.value, value);
  });
}
