import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeModel } from "./decode.ts";
import { encodeModel } from "./encode.ts";
import { typeCode } from "./fields.ts";
import {
  elementBytes,
  elements,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  type OnnxType,
} from "./model.ts";

const name = fc.string({ unit: "binary", maxLength: 40 });
const word = fc.string({ minLength: 1, maxLength: 8 });
const type = fc.constantFrom(...(Object.keys(typeCode) as OnnxType[]));
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 3 });
const some = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: 1, maxLength: 3 });
const record = <T>(of: fc.Arbitrary<T>) => fc.dictionary(name, of, { maxKeys: 3, noNullPrototype: true });

const int = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((i) => (Number.isSafeInteger(Number(i)) ? Number(i) : i));
const float = fc.float();

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .record({ name, type, dims: list(fc.nat(3)), offset: fc.nat(9) })
  .chain(({ name, type, dims, offset }): fc.Arbitrary<OnnxTensor> => {
    const exactly = (length: number) => ({ minLength: length, maxLength: length });
    if (type === "string")
      return fc.array(fc.string(), exactly(elements(dims))).map((data) => ({ name, type, dims, data }));
    const length = elements(dims) * elementBytes[type];
    const inside = fc.uint8Array(exactly(length));
    const outside = fc.constant({ location: "weights/1.bin", offset, length });
    return fc.oneof(inside, outside).map((data) => ({ name, type, dims, data }));
  });

const value = fc.record({ name, type, dims: list(fc.oneof(fc.nat(), word, fc.constant(""))) });

const { graph } = fc.letrec<{ graph: OnnxGraph; attribute: OnnxAttribute }>((tie) => ({
  attribute: fc.oneof(
    { maxDepth: 2, depthIdentifier: "graph" },
    fc.record({ int }),
    fc.record({ float }),
    fc.record({ string: name }),
    fc.record({ ints: list(fc.oneof(int, fc.integer())) }),
    fc.record({ floats: list(float) }),
    fc.record({ strings: list(name) }),
    fc.record({ tensor }),
    fc.record({ graph: tie("graph") }),
  ),
  graph: fc.record(
    {
      name,
      nodes: list(
        fc.record(
          {
            name,
            op: word,
            domain: fc.constantFrom("", "com.microsoft"),
            inputs: list(name),
            outputs: list(name),
            attributes: record(tie("attribute")),
            doc: name,
          },
          { requiredKeys: ["name", "op", "domain", "inputs", "outputs", "attributes"] },
        ),
      ),
      initializers: list(tensor),
      inputs: list(value),
      outputs: list(value),
      values: some(value),
    },
    { requiredKeys: ["name", "nodes", "initializers", "inputs", "outputs"] },
  ),
}));

const model: fc.Arbitrary<OnnxModel> = fc.record(
  {
    irVersion: fc.nat(99),
    opsets: fc.dictionary(fc.constantFrom("", "com.microsoft", "x"), fc.nat(99), { noNullPrototype: true }),
    producer: name,
    graph,
    metadata: record(name).filter((entries) => Object.keys(entries).length > 0),
  },
  { requiredKeys: ["irVersion", "opsets", "producer", "graph"] },
);

test("what is written is read as it was", () => {
  fc.assert(
    fc.property(model, (model) => {
      expect(decodeModel(encodeModel(model))).toEqual(model);
    }),
    { numRuns: 300 },
  );
});

const golden = new Uint8Array(readFileSync(new URL("golden/helper.onnx", import.meta.url)));
/** Up to 6 bytes put over others, or put in where others are cut out, which shifts all that follows. */
const change = fc.record({
  at: fc.nat(),
  put: fc.uint8Array({ minLength: 1, maxLength: 6 }),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat(6)),
});
const mutated = fc.tuple(fc.oneof(model.map(encodeModel), fc.constant(golden)), some(change)).map(([file, changes]) => {
  const bytes = [...file];
  for (const { at, put, cut } of changes) bytes.splice(at % bytes.length, cut ?? put.length, ...put);
  return new Uint8Array(bytes);
});

test("a damaged file is read, and then written as it was read, or is one line of error, at once", () => {
  const before = process.memoryUsage().arrayBuffers;
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 99 })), (bytes) => {
      let model: OnnxModel;
      const started = performance.now();
      try {
        model = decodeModel(bytes, { where: "damaged.onnx" });
      } catch (error) {
        expect(String(error)).toMatch(/^Error: onnx: .+ \(in damaged\.onnx\)$/); // . is no line break
        return;
      } finally {
        expect(performance.now() - started).toBeLessThan(5000); // milliseconds, on a busy machine
      }
      expect(decodeModel(encodeModel(model))).toEqual(model);
    }),
    { numRuns: 3000 },
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
});
