import { describe, expect, test } from "vitest";
import { numbers, runs } from "../../test/optim-runs.ts";
import { adamw } from "../optim/adamw.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { instantiate } from "../runtime/kernel.ts";
import { openProgram } from "../runtime/program.ts";
import { scalarsOf } from "../runtime/scalars.ts";
import { createState } from "../runtime/state.ts";
import type { Value } from "../tensor/dtype.ts";
import { mul, sub, sum } from "../tensor/ops/index.ts";
import { nextOf, updateOf, updateProgram } from "./update.ts";

const DIMS = [3, 7];
const worst = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!))) / Math.max(...b.map(Math.abs));

describe("in place, a rule does what it does as a program:", () => {
  test.each(Object.entries(runs))("%s", async (_, { optimizer, lr }) => {
    const rule = typeof optimizer === "function" ? optimizer("w", DIMS) : optimizer;
    const update = updateOf(rule, "w", DIMS);
    if (!("kernel" in update)) throw new Error("it is no loop");
    const { kernel, slots } = update;
    const arrays = ["weight", ...slots];
    using here = createState([{ name: "w", dims: DIMS, arrays: [...arrays, "grad"] }]);
    using there = createState([{ name: "w", dims: DIMS, arrays: [...arrays, "grad"] }]);
    const [row, other] = [here.rows[0]!, there.rows[0]!];
    const run = instantiate(kernel.code, row.memory);
    await using program = await openProgram(updateProgram(rule, "w", DIMS), { threads: 1 });

    for (const { slices } of [row, other]) slices["weight"]!.data.set(numbers(21, 0, 1));
    for (let t = 1; t <= 20; t++) {
      for (const { slices } of [row, other]) slices["grad"]!.data.set(numbers(21, t, 2));
      const scalars = { lr, t, scale: 1 / (1 + (t % 3)), limit: t % 2 === 0 ? Infinity : 0.2 };
      run(...kernel.arrays.map((a) => row.slices[a]!.offset), row.bytes, ...scalarsOf(kernel, scalars));
      const fed = Object.entries(scalars).map(([name, x]): [string, Value] => [
        name,
        { dtype: "float32", dims: [], data: Float32Array.of(x) },
      ]);
      const next = await program.run({ ...other.slices, ...Object.fromEntries(fed) });
      for (const array of arrays) {
        other.slices[array]!.data.set(next[nextOf(array)]!.data as Float32Array);
        expect(worst(row.slices[array]!.data, other.slices[array]!.data)).toBeLessThan(1e-6);
      }
    }
  });
});

test("what lies behind a parameter stays zero", () => {
  const update = updateOf(adamw(), "w", [3]);
  if (!("kernel" in update)) throw new Error("it is no loop");
  using state = createState([{ name: "w", dims: [3], arrays: ["weight", "m", "v", "grad"] }]);
  const { slices, bytes, memory } = state.rows[0]!;
  slices["weight"]!.data.fill(1);
  slices["grad"]!.data.fill(1);
  const { kernel } = update;
  const scalars = scalarsOf(kernel, { lr: 0.1, t: 1, scale: 1, limit: Infinity });
  instantiate(kernel.code, memory)(...kernel.arrays.map((a) => slices[a]!.offset), bytes, ...scalars);
  expect(slices["weight"]!.data[0]).toBeLessThan(1);
  const all = new Float32Array(memory.buffer, slices["weight"]!.offset, bytes / 4);
  expect([...all.slice(3)]).toEqual(Array(13).fill(0));
});

const rule = (slots: readonly string[], update: Optimizer["update"]): Optimizer => ({ slots, update });

test("a rule whose results do not fit its parameter is told so", () => {
  const shrinks = rule(["m"], (w, grad, [m]) => ({ w: sub(w, grad), slots: [sum(m!)] }));
  expect(() => updateOf(shrinks, "h.0.weight", DIMS)).toThrow(
    'optimizer: the rule of h.0.weight takes "m" as float32[3, 7] and returns it as float32[]',
  );
  const forgets = rule(["m"], (w, grad, _, { lr }) => ({ w: sub(w, mul(lr, grad)), slots: [] }));
  expect(() => updateOf(forgets, "h.0.weight", DIMS)).toThrow(
    "optimizer: the rule of h.0.weight has 1 slots and returns 0",
  );
});

test.each(["grad", "lr", "a/b", "m"])('a slot cannot be called "%s"', (slot) => {
  const taken = rule([slot, "m"], (w, _, slots) => ({ w, slots }));
  expect(() => updateOf(taken, "w", DIMS)).toThrow(
    `optimizer: a slot cannot be called "${slot}": slots differ, have no "/" and are none of weight, grad, lr, t, scale, limit`,
  );
});
