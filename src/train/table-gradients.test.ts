import { expect, test } from "vitest";
import { normals } from "../../test/gradient-check.ts";
import { adamw } from "../optim/adamw.ts";
import { add, gather, iota, mul, square, sum } from "../tensor/ops/index.ts";
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

/** A table that is read at the first positions, as many as a batch is long. */
async function openPositions(whole: boolean, device: "cpu" | "wasm") {
  const table = parameter([V, C]);
  const x = input(["time", C]);
  const read = gather(whole ? mul(table, 1) : table, iota("time"));
  const plan = planOf({
    ...{ parameters: new Map([["table", table]]), batch: { x } },
    ...{ loss: sum(square(add(read, x))), optimizer: adamw() },
  });
  const learner = await openLearner(plan, { threads: 1, device });
  learner.state
    .array("weight")
    .get("table")!
    .data.set(normals([V, C], 1));
  return learner;
}

test.each(["cpu", "wasm"] as const)("positions are such ids too, on %s", async (device) => {
  const [rows, whole] = [await openPositions(false, device), await openPositions(true, device)];
  const x = (n: number): Record<string, Value> => ({
    x: { dtype: "float32", dims: [n, C], data: Float32Array.from(normals([n, C], n)) },
  });
  for (const batches of [[x(3)], [x(5), x(2)], [x(4)]]) {
    expect(await rows.update(batches, { lr: 1e-2 })).toEqual(await whole.update(batches, { lr: 1e-2 }));
    const [grad, other] = [rows, whole].map(({ state }) => state.array("grad").get("table")!.data);
    expect(Array.from(grad!)).toEqual(Array.from(other!));
  }
  for (const learner of [rows, whole]) await learner.close();
});

test("a batch may hold as many ids as it likes", async () => {
  const { learner } = await open(false);
  const many = idsOf([Array.from({ length: 300_000 }, (_, i) => i % V)]);
  await learner.update(many, { lr: 0 });
  const one = (await learner.update(idsOf([[3]]), { lr: 0 })).gradNorm;
  expect((await learner.update(idsOf([[3]]), { lr: 0 })).gradNorm).toBe(one);
  await learner.close();
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
  expect(rows.plan.gradients.outputs.map(({ name }) => name)).toEqual(["loss", "rows/table", "ids/table"]);
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
