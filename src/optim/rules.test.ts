import { describe, expect, test } from "vitest";
import { numbers, type Run, runs, STEPS } from "../../test/optim-runs.ts";
import { compile } from "../runtime/compile.ts";
import { count, toData } from "../tensor/dtype.ts";
import { type Float, type FloatType, input, type Value } from "../tensor/tensor.ts";
import { adam } from "./adam.ts";
import { adamw } from "./adamw.ts";
import { clipByGlobalNorm, clipByValue, clipScale, globalNorm } from "./clip.ts";
import golden from "./golden/optim.json" with { type: "json" };
import { groups } from "./groups.ts";
import { l1 } from "./l1.ts";
import { sgd } from "./sgd.ts";

const shapes: [string, number[]][] = Object.entries(golden.shapes);
const expected: Record<string, Record<string, Record<string, number[]>>> = golden.runs;

const ruleOf = ({ optimizer }: Run, name: string, shape: readonly number[]) =>
  typeof optimizer === "function" ? optimizer(name, shape) : optimizer;

/** One step of a run as a graph, for all parameters: (weight and slots, gradient, lr, t) → weight and slots. */
function stepOf(run: Run, dtype: FloatType) {
  const at = { lr: input([], dtype) as Float, t: input([], dtype) as Float };
  const grads = Object.fromEntries(shapes.map(([name, shape]) => [name, input(shape, dtype) as Float]));
  const clipped = clip(run, Object.values(grads));
  const now: Record<string, Record<string, Float>> = {};
  const next: typeof now = {};
  for (const [i, [name, shape]] of shapes.entries()) {
    const rule = ruleOf(run, name, shape);
    const w: Float = input(shape, dtype);
    const slots = rule.slots.map((): Float => input(shape, dtype));
    const after = rule.update(w, clipped[i]!, slots, at);
    const named = (values: readonly Float[]) => Object.fromEntries(rule.slots.map((slot, k) => [slot, values[k]!]));
    now[name] = { w, ...named(slots) };
    next[name] = { w: after.w, ...named(after.slots) };
  }
  return compile({ now, grads, ...at }, { next });
}

function clip({ maxGradNorm, maxGradValue }: Run, grads: readonly Float[]): readonly Float[] {
  const scaled = maxGradNorm === undefined ? grads : clipByGlobalNorm(grads, maxGradNorm);
  return maxGradValue === undefined ? scaled : scaled.map((g) => clipByValue(g, maxGradValue));
}

/** The largest error, as a share of the tensor's largest number. */
const worst = (got: ArrayLike<unknown>, want: readonly number[]) =>
  Math.max(...want.map((x, i) => Math.abs(Number(got[i]) - x))) / Math.max(...want.map(Math.abs));

describe.each([
  ["float64", 1e-12],
  ["float32", 1e-6],
] as const)("in %s", (dtype, tolerance) => {
  const value = (dims: readonly number[], data: readonly number[]) =>
    ({ dtype, dims, data: toData(dtype, data) }) as Value<FloatType>;

  test.each(Object.entries(runs))("twenty steps of %s equal PyTorch's", async (name, run) => {
    await using step = await stepOf(run, dtype);
    const first = (row: number, [name, shape]: [string, number[]]) => ({
      w: value(shape, numbers(count(shape), 0, row + 3)),
      ...Object.fromEntries(
        ruleOf(run, name, shape).slots.map((slot) => [slot, value(shape, Array<number>(count(shape)).fill(0))]),
      ),
    });
    let now = Object.fromEntries(shapes.map((parameter, row) => [parameter[0], first(row, parameter)]));
    for (let t = 1; t <= STEPS; t++) {
      const grads = Object.fromEntries(
        shapes.map(([name, shape], row) => [name, value(shape, numbers(count(shape), t, row))]),
      );
      const lr = value([], [run.lr * (run.schedule?.(t) ?? 1)]);
      now = (await step({ now, grads, lr, t: value([], [t]) })).next as typeof now;
      for (const [parameter, want] of Object.entries(expected[name]![t] ?? {}))
        expect(worst(now[parameter]!.w.data, want)).toBeLessThan(tolerance);
    }
  });
});

test("every run of the golden file is checked", () => {
  expect(Object.keys(runs)).toEqual(Object.keys(golden.runs));
});

test("the norm of all gradients is torch's, and its scale holds it at the most allowed", async () => {
  const grads: Float[] = shapes.map(([, shape]) => input(shape, "float64"));
  await using norm = await compile({ grads }, { norm: globalNorm(grads) });
  for (let t = 1; t <= STEPS; t++) {
    const values = shapes.map(([, dims], row) => ({
      dtype: "float64",
      dims,
      data: Float64Array.from(numbers(count(dims), t, row)),
    }));
    const [got] = (await norm({ grads: values } as never)).norm.data as Float64Array;
    expect(got).toBeCloseTo(golden.norms[t - 1]!, 12);
    expect(got! * clipScale(got!, 0.1)).toBeCloseTo(0.1, 5);
    expect(clipScale(got!, 10)).toBe(1);
    expect(clipScale(got!, Infinity)).toBe(1);
  }
});

test("settings that no run can want are refused", () => {
  expect(() => adamw({ beta1: 1 })).toThrow("adam: beta1 must be in [0, 1), got 1");
  expect(() => adam({ eps: -1 })).toThrow("adam: eps must be in [0, Infinity), got -1");
  expect(() => adamw({ weightDecay: Number.NaN })).toThrow("adamw: weightDecay must be in [0, Infinity), got NaN");
  expect(() => sgd({ momentum: -0.9 })).toThrow("sgd: momentum must be in [0, Infinity), got -0.9");
  expect(() => sgd({ nesterov: true })).toThrow(
    "sgd: Nesterov's form needs momentum > 0 and dampening 0, got momentum 0 and dampening 0",
  );
  expect(() => l1(sgd(), -1)).toThrow("l1: lambda must be in [0, Infinity), got -1");
  expect(() => groups([{ where: () => true, optimizer: sgd(), lrScale: -1 }])).toThrow(
    "groups: lrScale must be in [0, Infinity), got -1",
  );
});

test("a parameter that no group takes is named", () => {
  const heads = groups([{ where: (name) => name.startsWith("head."), optimizer: sgd() }]);
  expect(heads("head.weight", [2, 3]).slots).toEqual([]);
  expect(() => heads("wte.weight", [5, 2])).toThrow(
    "groups: none of 1 takes wte.weight [5, 2]; freeze it, or end with { where: () => true, … }",
  );
});

test("the first group that takes a parameter has it", () => {
  const momentum = sgd({ momentum: 0.9 });
  const first = groups([
    { where: () => true, optimizer: momentum },
    { where: () => true, optimizer: adam() },
  ]);
  expect(first("w", [2])).toBe(momentum);
});
