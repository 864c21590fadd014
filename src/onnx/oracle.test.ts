import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { decodeModel } from "./decode.ts";
import { encodeModel } from "./encode.ts";
import * as numbers from "./fields.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "./model.ts";

const raw = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer);

const node = (op: string, inputs: string[], outputs: string[], more: Partial<OnnxNode> = {}): OnnxNode => ({
  name: `${outputs[0]}/${op}`,
  op,
  domain: "",
  inputs,
  outputs,
  attributes: {},
  ...more,
});
const value = (name: string, dims: readonly (number | string)[]) => ({ name, type: "float32", dims }) as const;
const model = (graph: Omit<OnnxGraph, "name">, opsets: Record<string, number> = { "": 20 }): OnnxModel => ({
  irVersion: 9,
  opsets,
  producer: "trainformer",
  graph: { name: "test", ...graph },
});

const w = { name: "h.0.w", type: "float32", dims: [2, 3], data: raw(Float32Array.of(1, 2, 3, 4, 5, 6)) } as const;
const b = { name: "h.0.b", type: "float32", dims: [3], data: raw(Float32Array.of(10, 20, 30)) } as const;
const rows = { inputs: [value("x", ["batch", 2])], outputs: [value("y", ["batch", 3])] };
const linear = [node("MatMul", ["x", w.name], ["xw"]), node("Add", ["xw", b.name], ["y"], { doc: "x w + b" })];

const models = {
  "a product and a sum with a symbolic size": model({ ...rows, nodes: linear, initializers: [w, b] }),
  "weights in a file beside": model({
    ...rows,
    nodes: linear,
    initializers: [w, b].map((tensor, i) => ({
      ...tensor,
      data: { location: "weights/linear.bin", offset: 64 * i, length: tensor.data.length },
    })),
  }),
  "a scan with a body that uses what lies outside": model({
    inputs: [value("start", [2]), value("xs", ["time", 2])],
    outputs: [value("last", [2]), value("sums", ["time", 2])],
    initializers: [{ name: "step", type: "float32", dims: [2], data: raw(Float32Array.of(1, 100)) }],
    nodes: [
      node("Scan", ["start", "xs"], ["last", "sums"], {
        attributes: {
          num_scan_inputs: { int: 1 },
          body: {
            graph: {
              name: "body",
              inputs: [value("sum", [2]), value("x", [2])],
              outputs: [value("next", [2]), value("out", [2])],
              initializers: [],
              nodes: [
                node("Mul", ["x", "step"], ["scaled"]),
                node("Add", ["sum", "scaled"], ["next"]),
                node("Identity", ["next"], ["out"]),
              ],
            },
          },
        },
      }),
    ],
  }),
  "an operator of another domain": model(
    {
      inputs: [value("x", ["batch", 2])],
      outputs: [value("y", ["batch", 3])],
      initializers: [{ name: "wT", type: "float32", dims: [3, 2], data: raw(Float32Array.of(1, 4, 2, 5, 3, 6)) }],
      nodes: [
        node("FusedMatMul", ["x", "wT"], ["y"], {
          domain: "com.microsoft",
          attributes: { transB: { int: 1 }, alpha: { float: 0.5 } },
        }),
      ],
    },
    { "": 20, "com.microsoft": 1 },
  ),
  "constants of every kind, and an absent input": model({
    inputs: [value("x", ["batch", 2])],
    outputs: [value("y", ["batch", 2])],
    values: [value("clipped", ["batch", 2])],
    initializers: [
      { name: "max", type: "float32", dims: [], data: raw(Float32Array.of(5)) },
      { name: "none", type: "int64", dims: [0], data: new Uint8Array() },
    ],
    nodes: [
      node("Clip", ["x", "", "max"], ["clipped"]),
      node("Constant", [], ["factor"], { attributes: { value_floats: { floats: [2, 3] } } }),
      node("Constant", [], ["shape"], {
        attributes: { value: { tensor: { name: "", type: "int64", dims: [2], data: raw(BigInt64Array.of(-1n, 2n)) } } },
      }),
      node("Constant", [], ["words"], { attributes: { value_strings: { strings: ["a", "b"] } } }),
      node("Mul", ["clipped", "factor"], ["scaled"]),
      node("Reshape", ["scaled", "shape"], ["y"]),
    ],
  }),
} as const;

type Name = keyof typeof models;
const names = Object.keys(models) as Name[];

const folder = mkdtempSync(join(tmpdir(), "trainformer-onnx-"));
afterAll(() => rmSync(folder, { recursive: true }));
const pathOf = (name: string) => join(folder, `${name}.onnx`);
for (const name of names) writeFileSync(pathOf(name), encodeModel(models[name]));
mkdirSync(join(folder, "weights"));
writeFileSync(
  join(folder, "weights", "linear.bin"),
  Buffer.concat([w.data, new Uint8Array(64 - w.data.length), b.data]),
);

describe("the engine runs what is written", () => {
  const tensor = (dims: number[], ...data: number[]) => new Tensor("float32", Float32Array.from(data), dims);
  const product = { y: tensor([2, 3], 1 + 8 + 10, 2 + 10 + 20, 3 + 12 + 30, 14, 25, 36) };
  const x = tensor([2, 2], 1, 2, 0, 1);
  const runs: Record<Name, { feeds: Record<string, Tensor>; results: Record<string, Tensor> }> = {
    "a product and a sum with a symbolic size": { feeds: { x }, results: product },
    "weights in a file beside": { feeds: { x }, results: product },
    "a scan with a body that uses what lies outside": {
      feeds: { start: tensor([2], 0, 1), xs: tensor([3, 2], 1, 0, 2, 0.5, 3, 1) },
      results: { last: tensor([2], 6, 151), sums: tensor([3, 2], 1, 1, 3, 51, 6, 151) },
    },
    "an operator of another domain": { feeds: { x }, results: { y: tensor([2, 3], 4.5, 6, 7.5, 2, 2.5, 3) } },
    "constants of every kind, and an absent input": {
      feeds: { x: tensor([2, 2], 1, 2, 3, 9) },
      results: { y: tensor([2, 2], 2, 6, 6, 15) },
    },
  };
  test.each(names)("%s", async (name) => {
    const session = await InferenceSession.create(pathOf(name), { logSeverityLevel: 3, intraOpNumThreads: 1 });
    const { feeds, results } = runs[name];
    const got = await session.run(feeds);
    for (const [key, want] of Object.entries(results)) {
      expect(got[key]!.dims).toEqual(want.dims);
      expect(got[key]!.data).toEqual(want.data);
    }
    await session.release();
  });
});

const python = process.env["PYTHON"] ?? "python3";
const present = spawnSync(python, ["-c", "import onnx"]).status === 0;

describe("Python's onnx", () => {
  const checker = fileURLToPath(new URL("golden/check.py", import.meta.url));
  const check = () => spawnSync(python, [checker, ...names.map(pathOf)], { encoding: "utf8" });
  const { stdout = "{}", stderr = `skipped: ${python} has no onnx; PYTHON=… names one that has` } = present
    ? check()
    : {};

  test("finds no fault in what is written, and reads the same models", ({ skip }) => {
    skip(!present, stderr);
    expect(stderr).toBe("");
    for (const name of names)
      expect(decodeModel(readFileSync(`${pathOf(name)}.again`), { where: name })).toEqual(models[name]);
  });

  test("has the same numbers for every message, field and type", ({ skip }) => {
    skip(!present, stderr);
    const theirs: Record<string, Record<string, number>> = JSON.parse(stdout);
    const { typeCode, attributeTypes, attributeKinds, EXTERNAL, typeOfCode, ...messages } = numbers;
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const [message, fields] of Object.entries(messages)) {
      const same = Object.keys(fields).map((field) => [field, theirs[message]?.[snake(field)]]);
      expect([message, fields]).toEqual([message, Object.fromEntries(same)]);
    }
    for (const [code, kind] of attributeKinds) expect(theirs["attributeType"]?.[kind.toUpperCase()]).toBe(code);
    const alias: Record<string, string> = { float32: "FLOAT", float64: "DOUBLE" };
    for (const [type, code] of Object.entries(typeCode))
      expect(theirs["dataType"]?.[alias[type] ?? type.toUpperCase()]).toBe(code);
    expect(theirs["dataLocation"]?.["EXTERNAL"]).toBe(EXTERNAL);
  });
});
