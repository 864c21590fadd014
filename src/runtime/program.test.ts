import { expect, test } from "vitest";
import { toOnnx } from "../onnx/lower.ts";
import { input, minus, mul, slice, type Value } from "../tensor/index.ts";
import type { Values } from "./engine.ts";
import { openProgram } from "./program.ts";

const f32 = (dims: readonly number[], data: readonly number[]): Value<"float32"> => ({
  dtype: "float32",
  dims,
  data: Float32Array.from(data),
});
const six = [1, 2, 3, 4, 5, 6];

async function product() {
  const [a, b] = [input(["batch", 3]), input(["batch", 3])];
  return openProgram(toOnnx({ a, b }, { y: mul(a, b) }), { threads: 1 });
}

test("a program runs, into a given array too", async () => {
  await using program = await product();
  const feeds = { a: f32([2, 3], six), b: f32([2, 3], six) };
  expect((await program.run(feeds))["y"]!.data).toEqual(Float32Array.from([1, 4, 9, 16, 25, 36]));
  const data = new Float32Array(16).subarray(4, 10);
  await program.run(feeds, { y: { dtype: "float32", dims: [2, 3], data } });
  expect([...data]).toEqual([1, 4, 9, 16, 25, 36]);
});

test.each([
  ["missing", { a: f32([2, 3], six) }, "program: input b float32[batch, 3] is missing"],
  [
    "unknown",
    { a: f32([2, 3], six), b: f32([2, 3], six), c: f32([], [1]) },
    'program: there is no input "c"; there are a, b',
  ],
  [
    "of the wrong type",
    { a: f32([2, 3], six), b: { dtype: "int64", dims: [2, 3], data: new BigInt64Array(6) } },
    "program: input b float32[batch, 3] cannot be int64[2, 3]: float32 ≠ int64",
  ],
  [
    "in the wrong array",
    { a: f32([2, 3], six), b: { dtype: "float32", dims: [2, 3], data: new BigInt64Array(6) } },
    "its data is a BigInt64Array, not a Float32Array",
  ],
  ["of the wrong rank", { a: f32([6], six), b: f32([2, 3], six) }, "cannot be float32[6]: rank 2 ≠ 1"],
  ["of the wrong size", { a: f32([3, 2], six), b: f32([2, 3], six) }, "cannot be float32[3, 2]: 3 ≠ 2 at axis 1"],
  [
    "of two sizes under one name",
    { a: f32([2, 3], six), b: f32([1, 3], [1, 2, 3]) },
    'program: input b float32[batch, 3] cannot be float32[1, 3]: "batch" is 2 in a, but 1 here',
  ],
  ["too short", { a: f32([2, 3], six), b: f32([2, 3], [1]) }, "it holds 1 numbers, not 6"],
] as const)("an input that is %s is refused by name", async (_, feeds, message) => {
  await using program = await product();
  await expect(program.run(feeds as unknown as Values)).rejects.toThrow(message);
});

test("an input whose size follows from others is held against them", async () => {
  const x = input(["time", 2]);
  const next = input([minus("time", 1), 2]);
  await using program = await openProgram(toOnnx({ x, next }, { y: mul(slice(x, 0, 1, "time"), next) }), {
    threads: 1,
  });
  await expect(program.run({ x: f32([3, 2], six), next: f32([3, 2], six) })).rejects.toThrow("time - 1 ≠ 3 at axis 0");
});

test("a closed program says so, and closes twice", async () => {
  const program = await product();
  await program.close();
  await program.close();
  await expect(program.run({ a: f32([2, 3], six), b: f32([2, 3], six) })).rejects.toThrow("program: it is closed");
});

test("a session survives a run that fails", async () => {
  await using program = await product();
  await expect(program.run({})).rejects.toThrow("is missing");
  expect((await program.run({ a: f32([1, 3], [1, 2, 3]), b: f32([1, 3], [1, 2, 3]) }))["y"]!.dims).toEqual([1, 3]);
});
