import { expect, test } from "vitest";
import { adamw } from "../optim/adamw.ts";
import { noDecayForBiasesAndNorms } from "../optim/groups.ts";
import { sgd } from "../optim/sgd.ts";
import { dropout, mul, sum } from "../tensor/ops/index.ts";
import { type Float, input, parameter } from "../tensor/tensor.ts";
import { planOf } from "./plan.ts";

const shapes = { "a.weight": [3, 4], "b.weight": [5, 2], "a.bias": [4], "b.bias": [2] };
const model = () => new Map(Object.entries(shapes).map(([name, shape]) => [name, parameter(shape)]));
const total = (parameters: Iterable<Float>) => [...parameters].map((w) => sum(w)).reduce((a, b) => mul(a, b));

test("a plan is plain data", () => {
  const parameters = model();
  const plan = planOf({ parameters, batch: {}, loss: total(parameters.values()), optimizer: adamw() });
  expect(structuredClone(plan)).toEqual(plan);
  expect(plan.gradients.inputs.map(({ name }) => name)).toEqual(Object.keys(shapes).map((name) => `params/${name}`));
  expect(plan.gradients.outputs.map(({ name }) => name)).toEqual([
    "loss",
    ...Object.keys(shapes).map((name) => `grads/${name}`),
  ]);
});

test("parameters of one rule share a kernel, whatever their shapes", () => {
  const parameters = model();
  const optimizer = noDecayForBiasesAndNorms(adamw, { weightDecay: 0.1 });
  const plan = planOf({ parameters, batch: {}, loss: total(parameters.values()), optimizer });
  expect(plan.parameters.map(({ update }) => update)).toEqual([0, 0, 1, 1]);
  expect(plan.updates.length).toBe(2);
});

test("frozen and unused parameters have no update; those that no output needs are not fed", () => {
  const parameters = model();
  const loss = mul(sum(parameters.get("a.weight")!), sum(parameters.get("b.weight")!));
  const plan = planOf({ parameters, batch: {}, loss, optimizer: sgd(), frozen: (name) => name === "b.weight" });
  expect(plan.parameters).toEqual([
    { name: "a.weight", dims: [3, 4], update: 0 },
    { name: "b.weight", dims: [5, 2] },
    { name: "a.bias", dims: [4] },
    { name: "b.bias", dims: [2] },
  ]);
  expect(plan.gradients.inputs.map(({ name }) => name)).toEqual(["params/a.weight", "params/b.weight"]);
  expect(plan.gradients.outputs.map(({ name }) => name)).toEqual(["loss", "grads/a.weight"]);
});

test("a seed is asked for where the model draws random numbers", () => {
  const w = parameter([4]);
  const plan = planOf({ parameters: new Map([["w", w]]), batch: {}, loss: sum(dropout(w, 0.5)), optimizer: sgd() });
  expect(plan.gradients.inputs.map(({ name }) => name)).toEqual(["params/w", ":seed"]);
});

test("what cannot be learned is told", () => {
  const w = parameter([2]);
  const plan = (name: string, x: Float, loss: Float, more: object = {}) =>
    planOf({ parameters: new Map([[name, x]]), batch: {}, loss, optimizer: sgd(), ...more });
  expect(() => plan("w", w, w)).toThrow('plan: "loss" must be a scalar, got float32[2]');
  expect(() => plan("w", w, sum(w), { metrics: { all: w } })).toThrow('plan: "all" must be a scalar, got float32[2]');
  expect(() => plan("w", w, sum(w), { frozen: () => true })).toThrow(
    "plan: there is nothing to learn: every parameter is frozen, or the loss does not depend on it",
  );
  expect(() => plan("w", w, sum(input([2])))).toThrow("plan: there is nothing to learn");
  const free = parameter(["time"]);
  expect(() => plan("wpe.weight", free, sum(free))).toThrow(
    "plan: parameter wpe.weight is float32[time]; it must be float32, its sizes numbers",
  );
});
