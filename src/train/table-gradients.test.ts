import { expect, test } from "vitest";
import { normals } from "../../test/gradient-check.ts";
import { adamw } from "../optim/adamw.ts";
import { gather, mul, square, sum } from "../tensor/ops/index.ts";
import { type Float, input, parameter, type Value } from "../tensor/tensor.ts";
import { openLearner } from "./learner.ts";
import { planOf } from "./plan.ts";

const [V, C] = [1500, 6]; // more rows than are worth a product

const idsOf = (rows: readonly (readonly number[])[]): Record<string, Value> => ({
  ids: {
    dtype: "int64",
    dims: [rows.length, rows[0]!.length],
    data: BigInt64Array.from(rows.flat(), BigInt),
  },
});

/** A table that is read at ids. `whole`: through a copy, so that all of its gradient is made in the graph. */
async function open(whole: boolean) {
  const table = parameter([V, C]);
  const ids = input(["batch", "time"], "int64");
  const read = gather(whole ? mul(table, 1) : table, ids);
  const loss: Float = sum(square(sum(read, [1])));
  const plan = planOf({ parameters: new Map([["table", table]]), batch: { ids }, loss, optimizer: adamw() });
  const learner = await openLearner(structuredClone(plan), { threads: 1 });
  learner.state
    .array("weight")
    .get("table")!
    .data.set(normals([V, C], 1));
  return { plan, learner };
}

test("rows that a batch reads, twice too and from the end, give the gradient that the whole table has", async () => {
  const [rows, whole] = [await open(false), await open(true)];
  expect(rows.plan.gradients.outputs.map(({ name }) => name)).toEqual(["loss", "grads/table/rows", "grads/table/ids"]);
  expect(whole.plan.gradients.outputs.map(({ name }) => name)).toEqual(["loss", "grads/table"]);
  const steps = [
    idsOf([[3, 3, 7]]), // the sizes of batches vary
    idsOf([
      [0, 1499],
      [-1, 7],
    ]),
    [idsOf([[5, 3, 5]]), idsOf([[5, 9, 2]])], // the mean of two
    idsOf([[11, 12, 13]]),
  ];
  for (const batches of steps) {
    const [got, want] = [rows, whole].map(({ learner }) => learner.update(batches, { lr: 1e-2 }));
    expect(await got).toEqual(await want);
    const [grad, other] = [rows, whole].map(({ learner }) => learner.state.array("grad").get("table")!.data);
    expect(Array.from(grad!)).toEqual(Array.from(other!));
  }
  const [weights, others] = [rows, whole].map(({ learner }) => learner.state.array("weight").get("table")!.data);
  expect(Array.from(weights!)).toEqual(Array.from(others!));
  for (const { learner } of [rows, whole]) await learner.close();
});
