import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, test } from "vitest";
import { decodeModel } from "./decode.ts";
import { encodeModel } from "./encode.ts";

type Write = (to: BinaryWriter) => unknown;
const bytes = (write: Write): Uint8Array => {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
};
/** Fields by wire type: a varint, a string or a message. */
const int =
  (field: number, value: number | bigint): Write =>
  (to) =>
    to.tag(field, WireType.Varint).int64(value);
const data =
  (field: number, value: Uint8Array): Write =>
  (to) =>
    to.tag(field, WireType.LengthDelimited).bytes(value);
const text = (field: number, value: string): Write => data(field, new TextEncoder().encode(value));
const message =
  (field: number, ...parts: Write[]): Write =>
  (to) => {
    to.tag(field, WireType.LengthDelimited).fork();
    for (const part of parts) part(to);
    to.join();
  };
const float =
  (field: number, value: number): Write =>
  (to) =>
    to.tag(field, WireType.Bit32).float(value);

const model = (...graph: Write[]) => bytes(message(7, ...graph));
const tensor = (...parts: Write[]) => model(message(5, text(8, "w"), ...parts));
const attribute = (...parts: Write[]) => model(message(1, text(4, "Op"), message(5, text(1, "a"), ...parts)));
const decoded = (file: Uint8Array) => decodeModel(file, { where: "m.onnx" });
const tensorOf = (...parts: Write[]) => decoded(tensor(...parts)).graph.initializers[0];
const attributeOf = (...parts: Write[]) => decoded(attribute(...parts)).graph.nodes[0]?.attributes["a"];

const raw = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer);

describe("what files may leave out or write in another way", () => {
  test.each([
    [{ int: -2 }, int(3, -2)],
    [{ float: 0.5 }, float(2, 0.5)],
    [{ string: "é" }, text(4, "é")],
    [{ ints: [1, 2] }, message(8, (to) => to.int64(1).int64(2))],
    [{ floats: [1, 2] }, message(7, (to) => to.float(1).float(2))],
    [{ strings: ["a"] }, text(9, "a")],
    [
      { tensor: { name: "t", type: "uint8", dims: [], data: Uint8Array.of(7) } },
      message(5, text(8, "t"), int(2, 2), data(9, Uint8Array.of(7))),
    ],
    [{ graph: { name: "g", nodes: [], initializers: [], inputs: [], outputs: [] } }, message(6, text(2, "g"))],
  ])("an attribute without a type is what it holds: %o", (value, write) => expect(attributeOf(write)).toEqual(value));

  test("an attribute with a type and nothing else is zero or empty", () => {
    const empty = [1, 2, 3, 6, 7, 8].map((type) => attributeOf(int(20, type)));
    expect(empty).toEqual([{ float: 0 }, { int: 0 }, { string: "" }, { floats: [] }, { ints: [] }, { strings: [] }]);
  });

  test("a tensor's numbers and dims may be packed or not", () => {
    const dims = message(1, (to) => to.int64(1).int64(2));
    expect(tensorOf(dims, int(2, 1), float(4, 1), float(4, -2))?.data).toEqual(raw(Float32Array.of(1, -2)));
    expect(tensorOf(int(1, 2), int(2, 3), int(5, -1), int(5, 2))?.data).toEqual(raw(Int8Array.of(-1, 2)));
  });

  test('ai.onnx is the domain ""', () => {
    const node = message(7, message(1, text(4, "Op"), text(7, "ai.onnx")));
    const { opsets, graph } = decoded(
      bytes((to) => [node, message(8, text(1, "ai.onnx"), int(2, 20))].map((write) => write(to))),
    );
    expect([opsets, graph.nodes[0]?.domain]).toEqual([{ "": 20 }, ""]);
  });

  test("raw data is a view of the file, and data in a Buffer is plain bytes", () => {
    const file = Buffer.from(tensor(int(1, 3), int(2, 2), data(9, Uint8Array.of(1, 2, 3))));
    const read = decodeModel(file).graph.initializers[0]?.data as Uint8Array;
    expect(read.buffer).toBe(file.buffer);
    expect(read.constructor).toBe(Uint8Array);
  });
});

describe("what a model would mean something else without is not supported", () => {
  const value = (...type: Write[]) => model(message(11, text(1, "x"), message(2, ...type)));
  test.each([
    ["functions in the model: inline them with Python's onnx.inliner", bytes(message(25))],
    ["sparse initializers", model(message(15))],
    ['value "x" has no tensor type', model(message(11, text(1, "x")))],
    ['value "x" has no tensor type', value(message(4))],
    ['value "x" has element type 17', value(message(1, int(1, 17), message(2)))],
    ['value "x" has no shape', value(message(1, int(1, 1)))],
  ])("%s", (what, file) => expect(() => decoded(file)).toThrow(new Error(`onnx: not supported: ${what} (in m.onnx)`)));

  test.each([
    ["data in segments", message(3)],
    ["element type 22", int(2, 22)],
    ["element type 0", int(1, 3)],
    ["strings as external data", message(13), int(14, 1), int(2, 8)],
  ] as [string, ...Write[]][])("a tensor's %s", (what, ...parts) =>
    expect(() => tensorOf(...parts)).toThrow(`onnx: tensor "w": not supported: ${what} (in m.onnx)`),
  );

  test.each([
    ["sparse_tensor", int(20, 11)],
    ["tensors", int(20, 9)],
    ["type 99", int(20, 99)],
    ["a function's attribute", text(21, "outer")],
  ])("an attribute's %s", (what, part) =>
    expect(() => attributeOf(part)).toThrow(`onnx: node "Op": attribute "a": not supported: ${what} (in m.onnx)`),
  );

  test("but a type inside the graph that is not a tensor's is left out", () => {
    expect(decoded(model(message(13, text(1, "list"), message(2, message(4))))).graph.values).toBeUndefined();
  });
});

describe("a corrupt or hostile file is one line of error", () => {
  const empty = message(7);
  test.each([
    ["no graph: is it an ONNX model?", new Uint8Array()],
    ["ModelProto is cut off or corrupt: premature EOF", Uint8Array.of(0x80)],
    ["field 7 of ModelProto is cut off or corrupt: premature EOF", bytes(empty).subarray(0, -1)],
    ["ModelProto is cut off or corrupt: illegal tag: field no 0 wire type 0", Uint8Array.of(0, 0)],
    ["field 7 of ModelProto is cut off or corrupt: premature EOF", Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)],
    ["field 7 of ModelProto has wire type 0, not 2", bytes(int(7, 1))],
    ["field 1 of ModelProto is cut off or corrupt: invalid varint", Uint8Array.of(8, ...Array<number>(11).fill(255))],
    ["field 1 of ModelProto is -1, which is no count", bytes(int(1, -1))],
    ["field 1 of ModelProto is 9223372036854775807, which is no count", bytes(int(1, 2n ** 63n - 1n))],
    [
      "field 2 of ModelProto is cut off or corrupt: The encoded data was not valid for encoding utf-8",
      bytes(data(2, Uint8Array.of(0xff))),
    ],
    [
      "field 1 of TensorShapeProto.Dimension is -1, which is no count",
      model(message(11, message(2, message(1, message(2, message(1, int(1, -1))))))),
    ],
    ['node "": has no operator', model(message(1))],
    ['node "a\\nb": has no operator', model(message(1, text(3, "a\nb")))],
    [`node "${"n".repeat(79)}…": has no operator`, model(message(1, text(3, "n".repeat(1000))))],
  ])("%s", (what, file) => expect(() => decoded(file)).toThrow(new Error(`onnx: ${what} (in m.onnx)`)));

  const external = (...entries: (readonly [string, string])[]) => [
    int(2, 1),
    int(1, 2),
    int(14, 1),
    ...entries.map(([key, value]) => message(13, text(1, key), text(2, value))),
  ];
  const outside = (path: string) => external(["location", path]);
  test.each([
    ["float32[2, 3] takes 24 bytes, its data has 20", int(1, 2), int(1, 3), int(2, 1), data(9, new Uint8Array(20))],
    ["float32[2] takes 8 bytes, its data has 4", int(1, 2), int(2, 1), float(4, 1)],
    ["float32[1125899906842624] takes 4503599627370496 bytes, its data has 4", int(1, 2 ** 50), int(2, 1), float(4, 1)],
    ["1125899906842624 elements cannot lie in 1 bytes", int(1, 2 ** 50), int(2, 7), int(7, 1)],
    [
      "float32[1048576, 1048576, 1048576] takes 4611686018427388000 bytes, its data has 0",
      ...Array(3).fill(int(1, 2 ** 20)),
      int(2, 1),
    ],
    ["its data has 1 elements, not 2", int(1, 2), int(2, 6), int(5, 2 ** 31 - 1)],
    ["its data has 3 elements, not 2", int(1, 2), int(2, 6), message(5, (to) => to.int32(1).int32(2).int32(3))],
    ["its data is cut off or corrupt: premature EOF", int(1, 1), int(2, 6), data(5, Uint8Array.of(0x80))],
    ["its element 0 is 300, which is out of range", int(2, 3), int(5, 300)],
    ["its element 0 is -1, which is out of range", int(2, 10), int(5, -1)],
    ["its element 0 is 4294967296, which is out of range", int(2, 12), int(11, 2 ** 32)],
    ["string[2] takes 2 strings, its data has 1", int(1, 2), int(2, 8), text(6, "a")],
    ["string[1] cannot hold bytes", int(1, 1), int(2, 8), text(9, "a")],
    ["has data in 2 fields", int(2, 1), float(4, 1), data(9, new Uint8Array(4))],
    ["has a dim of -1", int(1, -1)],
    ["has a dim of 9223372036854775807", int(1, 2n ** 63n - 1n)],
    ["has more than 64 dims", message(1, (to) => Array.from({ length: 65 }, () => to.int64(1)))],
    ["field 4 of TensorProto has wire type 0, not 5", int(2, 1), int(4, 1)],
    ['its external data lies outside the model\'s folder: ""', ...external()],
    ['its external data lies outside the model\'s folder: "../w"', ...outside("../w")],
    ['its external data lies outside the model\'s folder: "a/../../w"', ...outside("a/../../w")],
    ['its external data lies outside the model\'s folder: "/etc/w"', ...outside("/etc/w")],
    ['its external data lies outside the model\'s folder: "C:\\\\w"', ...outside("C:\\w")],
    ['the offset of its external data is "-1"', ...external(["location", "w"], ["offset", "-1"])],
    ['the length of its external data is "1e9"', ...external(["location", "w"], ["length", "1e9"])],
    ["float32[2] takes 8 bytes, its data has 4", ...external(["location", "w"], ["length", "4"])],
  ] as [string, ...Write[]][])("a tensor: %s", (what, ...parts) =>
    expect(() => tensorOf(...parts)).toThrow(new Error(`onnx: tensor "w": ${what} (in m.onnx)`)),
  );

  test.each([
    ["has no value"],
    ["has no value", int(20, 4)],
    ["is said to hold int and holds floats", int(20, 2), float(7, 1)],
    ["field 2 of AttributeProto has wire type 0, not 5", int(2, 1)],
    [
      "field 2 of AttributeProto is cut off or corrupt: Offset is outside the bounds of the DataView",
      (to) => to.raw(Uint8Array.of(0x15, 0)),
    ],
  ] as [string, ...Write[]][])("an attribute: %s", (what, ...parts) =>
    expect(() => attributeOf(...parts)).toThrow(new Error(`onnx: node "Op": attribute "a": ${what} (in m.onnx)`)),
  );

  test("graphs nest 32 deep and no deeper", () => {
    const nested = (depth: number): Uint8Array => {
      let graph: Write = text(2, "g");
      for (let i = 0; i < depth; i++) {
        const inner = bytes(graph);
        graph = message(1, text(4, "If"), message(5, text(1, "a"), data(6, inner)));
      }
      return model(graph);
    };
    expect(encodeModel(decoded(nested(32))).length).toBeGreaterThan(32);
    expect(() => decoded(nested(33))).toThrow("graphs in graphs are more than 32 deep (in m.onnx)");
    const beside = message(1, text(4, "If"), message(5, text(1, "a"), message(6)));
    expect(decoded(model(...Array<Write>(100).fill(beside))).graph.nodes.length).toBe(100);
    expect(() => decoded(nested(3000))).toThrow("graphs in graphs are more than 32 deep (in m.onnx)");
  });

  test("four megabytes of empty messages are refused before they fill the memory", () => {
    const file = new Uint8Array(2 ** 22 + 4).map((_, i) => (i % 2 === 0 ? 0x42 : 0));
    expect(() => decoded(file)).toThrow(new Error("onnx: more than 2097152 messages in one model (in m.onnx)"));
  });
});
