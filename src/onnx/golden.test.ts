import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeModel } from "./decode.ts";
import { encodeModel } from "./encode.ts";
import type { OnnxGraph, OnnxModel } from "./model.ts";

const raw = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer);

test("a file of Python's onnx is read as it was meant", () => {
  const file = new Uint8Array(readFileSync(new URL("golden/helper.onnx", import.meta.url)));
  const three = [3];
  const float32 = {
    name: "float32",
    type: "float32",
    dims: three,
    data: raw(Float32Array.of(1.5, -2, Infinity)),
  } as const;
  const body: OnnxGraph = {
    name: "body",
    nodes: [
      { name: "body/Add", op: "Add", domain: "", inputs: ["sum", "x_t"], outputs: ["next"], attributes: {} },
      { name: "", op: "Identity", domain: "", inputs: ["next"], outputs: ["y_t"], attributes: {} },
    ],
    initializers: [],
    inputs: ["sum", "x_t"].map((name) => ({ name, type: "float32", dims: three })),
    outputs: ["next", "y_t"].map((name) => ({ name, type: "float32", dims: three })),
  };
  const golden: OnnxModel = {
    irVersion: 9,
    opsets: { "": 20, test: 1 },
    producer: "helper",
    metadata: { licence: "none", "": "empty key" },
    graph: {
      name: "golden",
      nodes: [
        {
          name: "Scan",
          op: "Scan",
          domain: "",
          inputs: ["float32", "x"],
          outputs: ["last", "y"],
          attributes: { body: { graph: body }, num_scan_inputs: { int: 1 } },
          doc: "sums",
        },
        {
          name: "Everything",
          op: "Everything",
          domain: "test",
          inputs: ["", "y"],
          outputs: ["z"],
          attributes: {
            i: { int: -1 },
            big: { int: 2n ** 62n },
            f: { float: 0.5 },
            s: { string: "text" },
            t: { tensor: float32 },
            ints: { ints: [-(2n ** 63n), 0, 3] },
            floats: { floats: [0.5, -0.25] },
            strings: { strings: ["a", ""] },
          },
        },
      ],
      initializers: [
        float32,
        { name: "float64", type: "float64", dims: three, data: raw(Float64Array.of(0.1, -0.2, 1e300)) },
        { name: "float16", type: "float16", dims: three, data: raw(Uint16Array.of(0x3c00, 0xc000, 0x7bff)) },
        { name: "bfloat16", type: "bfloat16", dims: three, data: raw(Uint16Array.of(0x3f80, 0xc000, 0x4040)) },
        { name: "int8", type: "int8", dims: three, data: raw(Int8Array.of(-128, 0, 127)) },
        { name: "uint8", type: "uint8", dims: three, data: raw(Uint8Array.of(0, 1, 255)) },
        { name: "int16", type: "int16", dims: three, data: raw(Int16Array.of(-32768, 0, 32767)) },
        { name: "uint16", type: "uint16", dims: three, data: raw(Uint16Array.of(0, 1, 65535)) },
        { name: "int32", type: "int32", dims: three, data: raw(Int32Array.of(-(2 ** 31), -1, 2 ** 31 - 1)) },
        { name: "uint32", type: "uint32", dims: three, data: raw(Uint32Array.of(0, 1, 2 ** 32 - 1)) },
        { name: "int64", type: "int64", dims: three, data: raw(BigInt64Array.of(-(2n ** 63n), -1n, 2n ** 63n - 1n)) },
        { name: "uint64", type: "uint64", dims: three, data: raw(BigUint64Array.of(0n, 1n, 2n ** 64n - 1n)) },
        { name: "bool", type: "bool", dims: three, data: Uint8Array.of(1, 0, 1) },
        { name: "string", type: "string", dims: [2], data: ["a", "ü"] },
        { name: "raw", type: "float32", dims: [1, 2], data: raw(Float32Array.of(1, -2)) },
        { name: "scalar", type: "float32", dims: [], data: raw(Float32Array.of(0.5)) },
        { name: "empty", type: "int64", dims: [0, 4], data: new Uint8Array() },
        { name: "far", type: "float32", dims: [2, 2], data: { location: "weights/far.bin", offset: 4096, length: 16 } },
      ],
      inputs: [{ name: "x", type: "float32", dims: ["time", 3] }],
      outputs: [
        { name: "last", type: "float32", dims: three },
        { name: "z", type: "float16", dims: ["time", "", 4] },
        { name: "word", type: "string", dims: [] },
      ],
      values: [{ name: "y", type: "float32", dims: ["time", 3] }],
    },
  };
  expect(decodeModel(file)).toEqual(golden);
  expect(decodeModel(encodeModel(golden))).toEqual(golden);
});
