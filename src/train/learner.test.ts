import { describe, expect, test } from "vitest";
import { numbers, runs, STEPS } from "../../test/optim-runs.ts";
import { tinyBatch, tinyLoss, tinyRows, tinyWeights } from "../../test/tiny-transformer.ts";
import { toOnnx } from "../onnx/lower.ts";
import { adamw } from "../optim/adamw.ts";
import optim from "../optim/golden/optim.json" with { type: "json" };
import type { Optimizer } from "../optim/optimizer.ts";
import { sgd } from "../optim/sgd.ts";
import { openProgram } from "../runtime/program.ts";
import { count } from "../tensor/dtype.ts";
import { add, div, dropout, log, mean, mul, sqrt, square, sub, sum } from "../tensor/ops/index.ts";
import { type Float, input, parameter, type Value } from "../tensor/tensor.ts";
import golden from "./golden/steps.json" with { type: "json" };
import { type Learner, type LearnerOptions, openLearner } from "./learner.ts";
import { names, planOf } from "./plan.ts";

const f32 = (dims: readonly number[], data: ArrayLike<number>): Value<"float32"> => ({
  dtype: "float32",
  dims,
  data: Float32Array.from(data),
});
const worst = (got: ArrayLike<number>, want: ArrayLike<number>) =>
  Math.max(...Array.from(want, (x, i) => Math.abs(got[i]! - x))) / Math.max(...Array.from(want, Math.abs));

// ---- a Transformer block, as in golden/steps.py ------------------------------------------------

const shapes: [string, number[]][] = Object.entries(golden.shapes);

async function openTiny(options: LearnerOptions = {}, optimizer: Optimizer = adamw({ beta2: 0.95, weightDecay: 0.1 })) {
  const parameters = new Map(shapes.map(([name, shape]) => [name, parameter(shape)]));
  const batch = tinyBatch();
  const plan = planOf({ parameters, batch, loss: tinyLoss((name) => parameters.get(name)!, batch), optimizer });
  const learner = await openLearner(structuredClone(plan), { threads: 1, ...options });
  for (const [row, [name, { data }]] of [...learner.state.array("weight")].entries())
    data.set(tinyWeights(name, data.length, row));
  return learner;
}
const { lr, max_norm: maxGradNorm } = golden.settings;
const weightsOf = (learner: Learner) => [...learner.state.array("weight").values()].map(({ data }) => [...data]);

test.each([
  ["cpu", {}],
  ["wasm", { device: "wasm" }],
  ["cpu, over many small memories", { maxBytes: 16_384 + 4 * 64 * 24 }],
] as const)("ten steps of a Transformer block have PyTorch's losses, norms and weights on %s", async (_, options) => {
  await using learner = await openTiny({ ...options, maxGradNorm });
  for (let step = 1; step <= 10; step++) {
    const { loss, gradNorm } = await learner.update(tinyRows(step), { lr });
    expect(Math.abs(loss - golden.losses[step - 1]!)).toBeLessThan(5e-6);
    expect(gradNorm / golden.norms[step - 1]!).toBeCloseTo(1, 5);
  }
  for (const [name, want] of Object.entries(golden.after))
    expect(worst(learner.state.array("weight").get(name)!.data, want)).toBeLessThan(1e-5);
});

test("two batches of eight give what one batch of sixteen gives", async () => {
  const momentum = sgd({ momentum: 0.9 }); // Adam would make steps of the noise that a key's bias has for a gradient
  await using halves = await openTiny({ maxGradNorm }, momentum);
  await using whole = await openTiny({ maxGradNorm }, momentum);
  for (let step = 1; step <= 5; step++) {
    const a = await halves.update([tinyRows(step, 0, 8), tinyRows(step, 8, 16)], { lr });
    const b = await whole.update(tinyRows(step, 0, 16), { lr });
    expect(a.loss).toBeCloseTo(b.loss, 6);
    expect(a.gradNorm / b.gradNorm).toBeCloseTo(1, 5);
  }
  const of = weightsOf(whole);
  for (const [i, w] of weightsOf(halves).entries()) expect(worst(w, of[i]!)).toBeLessThan(1e-6);
});

test("one learner takes batches of any size", async () => {
  await using learner = await openTiny();
  for (const [rows, T] of [
    [1, 1],
    [3, 6],
    [2, 4],
  ] as const)
    expect((await learner.update(tinyRows(1, 0, rows, T), { lr })).loss).toBeGreaterThan(0);
});

test("the same run twice gives the same bits", async () => {
  const run = async () => {
    await using learner = await openTiny({ maxGradNorm });
    for (let step = 1; step <= 3; step++) await learner.update(tinyRows(step), { lr });
    return weightsOf(learner);
  };
  expect(await run()).toEqual(await run());
});

test("other programs read the weights that are being learned, without a copy", async () => {
  await using learner = await openTiny();
  const table = parameter([11, 8]);
  await using program = await openProgram(
    toOnnx({ [names.parameter("wte.weight")]: table }, { total: sum(square(table)) }),
    { threads: 1 },
  );
  const squares = async () => Number((await program.run(learner.weights(program)))["total"]!.data[0]);
  const before = await squares();
  await learner.update(tinyRows(1), { lr });
  const { data } = learner.state.array("weight").get("wte.weight")!;
  expect(await squares()).toBeCloseTo(
    data.reduce((a, b) => a + b * b, 0),
    4,
  );
  expect(await squares()).not.toBe(before);
  expect(Object.keys(learner.weights(program))).toEqual(["params/wte.weight"]);
  expect(Object.keys(learner.weights())).toEqual(shapes.map(([name]) => names.parameter(name)));
});

// ---- rules ------------------------------------------------------------------------------------

describe("in place, twenty steps", () => {
  const rows: [string, number[]][] = Object.entries(optim.shapes);
  const expected: Record<string, Record<string, Record<string, number[]>>> = optim.runs;

  test.each(Object.entries(runs))("of %s equal PyTorch's", async (name, { optimizer, schedule, ...run }) => {
    const { lr, ...limits } = run;
    const parameters = new Map(rows.map(([name, shape]) => [name, parameter(shape)]));
    const batch = Object.fromEntries(rows.map(([name, shape]) => [name, input(shape)]));
    const loss = [...parameters].map(([name, w]) => sum(mul(w, batch[name]!))).reduce((a, b) => add(a, b)); // ∂/∂w = batch
    const plan = planOf({ parameters, batch, loss, optimizer });
    expect(plan.updates.every((update) => "kernel" in update)).toBe(true);
    await using learner = await openLearner(plan, { threads: 1, ...limits });
    for (const [row, { slices }] of learner.state.rows.entries())
      slices["weight"]!.data.set(numbers(slices["weight"]!.data.length, 0, row + 3));
    for (let t = 1; t <= STEPS; t++) {
      const grads = rows.map(([name, shape], row) => [name, f32(shape, numbers(count(shape), t, row))] as const);
      const { gradNorm } = await learner.update(Object.fromEntries(grads), { lr: lr * (schedule?.(t) ?? 1) });
      expect(gradNorm).toBeCloseTo(optim.norms[t - 1]!, 6);
      for (const [parameter, want] of Object.entries(expected[name]![t] ?? {}))
        expect(worst(learner.state.array("weight").get(parameter)!.data, want)).toBeLessThan(1e-6);
    }
  });
});

/** A step as long as the weight: w − lr · g · ‖w‖ / ‖g‖ (the trust ratio of LARS, arXiv:1708.03888). */
const trust: Optimizer = {
  slots: ["steps"],
  update(w, grad, [steps], { lr }) {
    const norm = (x: Float) => sqrt(sum(square(x)));
    return { w: sub(w, mul(lr, mul(grad, div(norm(w), norm(grad))))), slots: [add(steps!, 1)] };
  },
};

test.each(["cpu", "wasm"] as const)("a rule that is not elementwise runs as a program on %s", async (device) => {
  const w = parameter([2]);
  const x = input([2]);
  const plan = planOf({ parameters: new Map([["w", w]]), batch: { x }, loss: sum(mul(w, x)), optimizer: trust });
  expect(plan.updates).toMatchObject([{ slots: ["steps"], program: {} }]);
  await using learner = await openLearner(plan, { device, threads: 1, maxGradNorm: 1 });
  const [weight] = [learner.state.array("weight").get("w")!.data];
  weight!.set([3, 4]);
  await learner.update({ x: f32([2], [6, -8]) }, { lr: 0.1 });
  expect(weight![0]).toBeCloseTo(3 - 0.1 * 0.6 * 5, 5);
  expect(weight![1]).toBeCloseTo(4 + 0.1 * 0.8 * 5, 5);
  expect([...learner.state.array("steps").get("w")!.data]).toEqual([1, 1]);
});

// ---- what must not happen ---------------------------------------------------------------------

/** loss = mean of log w · x, so that a weight of 0 or a batch of NaN is no number. */
async function openFragile() {
  const [w, frozen, unused] = [parameter([2]), parameter([2]), parameter([3])];
  const x = input(["batch", 2]);
  const loss = mean(mul(log(mul(w, frozen)), x));
  const plan = planOf({
    parameters: new Map(Object.entries({ w, frozen, unused })),
    batch: { x },
    loss,
    metrics: { size: sum(square(w)) },
    optimizer: adamw({ weightDecay: 0.5 }),
    frozen: (name) => name === "frozen",
  });
  const learner = await openLearner(plan, { threads: 1 });
  for (const { data } of learner.state.array("weight").values()) data.fill(2);
  return learner;
}
const good = { x: f32([1, 2], [1, -1]) };

test("a loss that is not a number leaves good weights", async () => {
  await using learner = await openFragile();
  await learner.update(good, { lr: 0.1 });
  const numbersOf = () => learner.state.rows.map(({ slices: { grad, ...kept } }) => structuredClone(kept));
  const before = numbersOf();
  const message = "train: step 2: the loss is NaN; the weights are as step 1 left them";
  await expect(learner.update({ x: f32([1, 2], [Number.NaN, 1]) }, { lr: 0.1 })).rejects.toThrow(message);
  await expect(learner.update([good, { x: f32([1, 2], [Infinity, 1]) }], { lr: 0.1 })).rejects.toMatchObject({
    name: "NonFinite",
    step: 2,
    message: "train: step 2: the loss is Infinity; the weights are as step 1 left them",
  });
  expect(numbersOf()).toEqual(before);
  expect(learner.step).toBe(1);
  expect((await learner.update(good, { lr: 0.1 })).loss).toBeLessThan(0); // and it goes on
});

test("a gradient that is not a number leaves good weights, even where the loss is one", async () => {
  const w = parameter([2]);
  const loss = sum(sqrt(w)); // at 0 its derivative is infinite
  await using learner = await openLearner(
    planOf({ parameters: new Map([["w", w]]), batch: {}, loss, optimizer: sgd() }),
  );
  await expect(learner.update({}, { lr: 0.1 })).rejects.toThrow(
    "train: step 1: the loss is 0 and the gradient's norm Infinity; the weights are as step 0 left them",
  );
  expect([...learner.state.array("weight").get("w")!.data]).toEqual([0, 0]);
});

test("frozen and unused parameters stay as they are, and have no gradient and no slots", async () => {
  await using learner = await openFragile();
  await learner.update(good, { lr: 0.1 });
  const weight = learner.state.array("weight");
  expect([...weight.get("frozen")!.data]).toEqual([2, 2]);
  expect([...weight.get("unused")!.data]).toEqual([2, 2, 2]); // it does not decay either
  expect(weight.get("w")!.data[0]).not.toBe(2);
  expect([...learner.state.array("grad").keys()]).toEqual(["w"]);
  expect([...learner.state.array("m").keys()]).toEqual(["w"]);
});

test("metrics are told beside the loss, as means over the batches", async () => {
  await using learner = await openFragile();
  const { loss, metrics } = await learner.update([good, { x: f32([2, 2], [1, 1, 1, 1]) }], { lr: 0.1 });
  expect(metrics).toEqual({ size: 8 });
  expect(loss).toBeCloseTo((0 + Math.log(4)) / 2, 6);
});

test("each step draws other random numbers, the same ones for the same seed", async () => {
  const w = parameter([1000]);
  const loss = mean(dropout(w, 0.5));
  const plan = planOf({ parameters: new Map([["w", w]]), batch: {}, loss, optimizer: sgd() });
  await using learner = await openLearner(plan, { threads: 1 });
  learner.state.array("weight").get("w")!.data.fill(1);
  const lossOf = async (seed?: number) =>
    (await learner.update({}, { lr: 0, ...(seed !== undefined && { seed }) })).loss;
  const [first, second, seven, again] = [await lossOf(), await lossOf(), await lossOf(7), await lossOf(7)];
  expect(first).not.toBe(second);
  expect(seven).toBe(again);
  const { loss: two } = await learner.update([{}, {}], { lr: 0, seed: 7 });
  expect(two).not.toBe(seven); // the second batch has a mask of its own
});

test("misuse is told", async () => {
  const learner = await openFragile();
  const update = (lr: number) => learner.update(good, { lr });
  await expect(update(Number.NaN)).rejects.toThrow("learner: step 1 has the learning rate NaN");
  await expect(update(-1)).rejects.toThrow("learner: step 1 has the learning rate -1");
  await expect(learner.update([], { lr: 1 })).rejects.toThrow("learner: step 1 has no batch");
  await expect(learner.update({}, { lr: 1 })).rejects.toThrow("program: input batch/x float32[batch, 2] is missing");
  const first = update(0.1);
  await expect(update(0.1)).rejects.toThrow("learner: step 1 is still under way; await it before the next");
  await first;
  await learner.close();
  await expect(update(0.1)).rejects.toThrow("program: it is closed");
});

test("a limit that is not above 0 is refused", async () => {
  const w = parameter([2]);
  const plan = planOf({ parameters: new Map([["w", w]]), batch: {}, loss: sum(w), optimizer: sgd() });
  await expect(openLearner(plan, { maxGradNorm: 0 })).rejects.toThrow(
    "learner: maxGradNorm must be above 0, got 0; leave it out not to clip",
  );
  await expect(openLearner(plan, { maxGradValue: -1 })).rejects.toThrow(
    "learner: maxGradValue must be above 0, got -1",
  );
});
