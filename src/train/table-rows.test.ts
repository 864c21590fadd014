/** Updates of tables of which few rows are read: bit for bit what the update of the whole table is. */
import { expect, test } from "vitest";
import { normals } from "../../test/gradient-check.ts";
import { adam, adamw, l1, type Optimizer, sgd } from "../optim/index.ts";
import { createState } from "../runtime/state.ts";
import { add, gather, square, sum } from "../tensor/ops/index.ts";
import { input, parameter } from "../tensor/tensor.ts";
import { openUpdates } from "./apply.ts";
import { parametersOf } from "./learner.ts";
import { planOf } from "./plan.ts";
import type { ReadRows } from "./table-rows.ts";
import { updateOf } from "./update.ts";

const V = 1500; // more rows than are worth a product

const planOfTable = (optimizer: Optimizer, C: number) => {
  const table = parameter([V, C]);
  const ids = input(["n"], "int64");
  const loss = sum(square(gather(table, ids)));
  return planOf({ parameters: new Map([["table", table]]), batch: { ids }, loss, optimizer });
};

/** Three steps, each with a gradient in some rows, and what is left after them. */
async function threeSteps(optimizer: Optimizer, C: number, byRows: boolean, from = 0) {
  const plan = planOfTable(optimizer, C);
  const state = createState(parametersOf(plan));
  const { slices } = state.rows[0]!;
  slices["weight"]!.data.set(normals([V, C], 1));
  if (from > 0) for (const slot of optimizer.slots) slices[slot]!.data.fill(0.5, 7 * C, 9 * C); // of a run that goes on
  const starts = new Set<number>();
  const tables = new Map<string, ReadRows>(byRows ? [["table", { width: C, starts }]] : []);
  const updates = await openUpdates(plan, state, {}, tables);
  const norms: number[] = [];
  for (const [step, rows] of [[0, 1, 1499], [5], [1, 700, 701]].entries()) {
    starts.clear();
    slices["grad"]!.data.fill(0);
    for (const row of rows) {
      starts.add(row * C);
      slices["grad"]!.data.set(normals([C], row), row * C);
    }
    norms.push(updates.gradientNorm());
    await updates.apply({ lr: 0.01, t: from + step + 1, scale: 0.5, limit: 1 });
  }
  await updates.close();
  return { norms, left: Object.fromEntries(Object.entries(slices).map(([name, { data }]) => [name, data])) };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

const rules: Readonly<Record<string, Optimizer>> = {
  adamw: adamw({ weightDecay: 0.1 }),
  adam: adam(),
  sgd: sgd(),
  "sgd with momentum and decay": sgd({ momentum: 0.9, weightDecay: 0.1 }),
  "adamw with L1": l1(adamw(), 1e-3),
};
for (const [name, rule] of Object.entries(rules))
  for (const C of [16, 48, 6])
    for (const from of [0, 40])
      test(`${name}, rows of ${C}, ${from} steps before`, async () => {
        const [rows, whole] = [await threeSteps(rule, C, true, from), await threeSteps(rule, C, false, from)];
        for (const [array, data] of Object.entries(rows.left))
          expect(Buffer.compare(bytesOf(data), bytesOf(whole.left[array]!)), array).toBe(0);
        for (const [i, norm] of rows.norms.entries()) expect(norm).toBeCloseTo(whole.norms[i]!, 12);
      });

test("a rule has an idle form where slots of 0 stay so", () => {
  const has = (rule: Optimizer) => "idle" in updateOf(rule, "w", [4, 4]);
  const counting: Optimizer = { slots: ["n"], update: (w, _, [n]) => ({ w, slots: [add(n!, 1)] }) };
  expect([adamw(), adam(), sgd(), sgd({ momentum: 0.9 })].map(has)).toEqual([true, true, true, true]);
  expect([counting, l1(adamw(), 1e-3)].map(has)).toEqual([false, false]);
});
