import { expect, test } from "vitest";
import { decodeModel } from "./decode.ts";
import { encodeModel } from "./encode.ts";
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxTensor } from "./model.ts";

const graph = (parts: Partial<OnnxGraph>): OnnxGraph => ({
  name: "g",
  nodes: [],
  initializers: [],
  inputs: [],
  outputs: [],
  ...parts,
});
const model = (parts: Partial<OnnxGraph>): OnnxModel => ({
  irVersion: 9,
  opsets: { "": 20 },
  producer: "test",
  graph: graph(parts),
});
const holding = (a: OnnxAttribute) =>
  graph({ nodes: [{ name: "h.0/Op", op: "Op", domain: "", inputs: [], outputs: [], attributes: { a } }] });

test("large data is copied once, however deep it lies", () => {
  const data = new Uint8Array(2 ** 25).fill(7);
  const large: OnnxTensor = { name: "w", type: "uint8", dims: [2 ** 25], data };
  const deep = model({ ...holding({ graph: holding({ tensor: large }) }) });
  const before = process.memoryUsage().arrayBuffers;
  const file = encodeModel(deep);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.1 * 2 ** 25);

  const { a: outer } = decodeModel(file).graph.nodes[0]!.attributes;
  const { a: inner } = (outer as { graph: OnnxGraph }).graph.nodes[0]!.attributes;
  const read = (inner as { tensor: OnnxTensor }).tensor.data as Uint8Array;
  expect(Buffer.compare(read, data)).toBe(0);
});

test("a file of more than 2 GiB is refused, with the remedy", () => {
  const data = new Uint8Array(2 ** 29);
  const initializers = Array.from(
    { length: 5 },
    (_, i): OnnxTensor => ({ name: `${i}`, type: "uint8", dims: [2 ** 29], data }),
  );
  expect(() => encodeModel(model({ initializers }))).toThrow(
    /^onnx: 26843\d{5} bytes are more than the 2147483647 of a protobuf file: keep large initializers as external data$/,
  );
});

test.each([
  ["float32[2, 3] takes 24 bytes, its data has 20", { type: "float32", dims: [2, 3], data: new Uint8Array(20) }],
  [
    "float32[] takes 4 bytes, its data has 8",
    { type: "float32", dims: [], data: { location: "w", offset: 0, length: 8 } },
  ],
  ["string[1] takes 1 strings, its data has 2", { type: "string", dims: [1], data: ["a", "b"] }],
  ["string[1] cannot hold bytes", { type: "string", dims: [1], data: new Uint8Array(1) }],
  ["bool[1] cannot hold strings", { type: "bool", dims: [1], data: ["true"] }],
  ["int8[-1] is no shape", { type: "int8", dims: [-1], data: new Uint8Array() }],
  ["int8[0.5] is no shape", { type: "int8", dims: [0.5], data: new Uint8Array() }],
] as const)("a tensor: %s", (what, tensor) => {
  const named = { name: "h.0.w", ...tensor };
  expect(() => encodeModel(model({ initializers: [named] }))).toThrow(new Error(`onnx: tensor "h.0.w": ${what}`));
  expect(() => encodeModel({ ...model({}), graph: holding({ tensor: named }) })).toThrow(
    new Error(`onnx: node "h.0/Op": attribute "a": tensor "h.0.w": ${what}`),
  );
});

test.each([
  ["1.5 is no int64", { int: 1.5 }],
  ["NaN is no int64", { ints: [1, Number.NaN] }],
  ["9007199254740992 is no int64", { int: 2 ** 53 }], // as a number it may stand for its neighbour
  ["9223372036854775808 is no int64", { int: 2n ** 63n }],
  ["1e+39 is no float32", { float: 1e39 }],
  ["-1e+39 is no float32", { floats: [1, -1e39] }],
] as const)("an attribute: %s", (what, value) => {
  const wrong = { ...model({}), graph: holding(value) };
  expect(() => encodeModel(wrong)).toThrow(new Error(`onnx: node "h.0/Op": attribute "a": ${what}`));
});

test("floats are rounded to float32, and infinities and NaN stay", () => {
  const floats = [0.1, 3.4028235e38, Number.POSITIVE_INFINITY, Number.NaN, -0];
  const read = decodeModel(encodeModel({ ...model({}), graph: holding({ floats }) }));
  expect(read.graph.nodes[0]!.attributes).toEqual({ a: { floats: floats.map(Math.fround) } });
});
