/** Outputs written in place are the numbers that are otherwise copied; errors are told as ever. */
import ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { decodeModel, encodeModel } from "../onnx/index.ts";
import { toOnnx } from "../onnx/lower.ts";
import { add, input, mul, sum } from "../tensor/index.ts";
import type { Values } from "./engine.ts";
import { openProgram } from "./program.ts";
import { canSkipCopies, runUncopied, sequenceFirst } from "./uncopied.ts";

const [x, w] = [input(["batch", 3]), input([3])];
const onnx = toOnnx({ x, w }, { y: mul(x, w), total: sum(mul(x, w)) });
const f32 = (dims: readonly number[], numbers: readonly number[]) =>
  ({ dtype: "float32", dims, data: Float32Array.from(numbers) }) as const;
const feeds: Values = { x: f32([2, 3], [1, 2, 3, 4, 5, 6]), w: f32([3], [2, 3, 4]) };

test("the installed binding skips copies", async () => {
  expect(await canSkipCopies()).toBe(true);
});

test("a program run in place writes what it otherwise returns, run after run", async () => {
  await using program = await openProgram(onnx, { threads: 1, inPlace: true });
  const into = { y: f32([2, 3], Array(6).fill(0)), total: f32([], [0]) };
  for (let run = 1; run <= 3; run++) {
    feeds["w"]!.data.set([run, run, run] as never);
    const out = await program.run(feeds, into);
    expect(out["y"]!.data).toBe(into.y.data);
    expect([...into.y.data, ...into.total.data]).toEqual([1, 2, 3, 4, 5, 6, 21].map((n) => n * run));
  }
  const { y, total } = await program.run(feeds, { y: into.y }); // one of two
  expect([...y!.data, ...total!.data]).toEqual([3, 6, 9, 12, 15, 18, 63]);
});

test("an error of the engine is told, not taken for a skipped copy", async () => {
  const model = decodeModel(toOnnx({ x, w }, { y: add(x, w) }).bytes);
  const untrue = {
    ...model,
    graph: {
      ...model.graph,
      inputs: model.graph.inputs.map((i) => ({ ...i, dims: ["a", "b"].slice(-i.dims.length) })),
    },
  };
  const session = await ort.InferenceSession.create(sequenceFirst(encodeModel(untrue)));
  const of = (dims: readonly number[]) =>
    new ort.Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
  const run = runUncopied(session, { x: of([2, 3]), w: of([4]) }, { y: of([2, 3]) });
  await expect(run).rejects.toThrow(/Add/);
  await session.release();
});

test("thousands of runs leave no memory behind", async () => {
  await using program = await openProgram(onnx, { threads: 1, inPlace: true });
  const big = { x: f32([1000, 3], Array(3000).fill(1)), w: feeds["w"]! };
  const into = { y: f32([1000, 3], Array(3000).fill(0)), total: f32([], [0]) };
  for (let run = 0; run < 500; run++) await program.run(big, into);
  const before = process.memoryUsage().rss;
  for (let run = 0; run < 3000; run++) await program.run(big, into); // 36 MB, were the outputs kept
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(20);
});
