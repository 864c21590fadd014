/** DeBERTa's golden folders test the rest: test/golden/deberta-v2-*. */
import { expect, test } from "vitest";
import { compile } from "../../runtime/compile.ts";
import { input } from "../../tensor/index.ts";
import { relativePlaces } from "../index.ts";

const placesOf = async (T: number, options: Parameters<typeof relativePlaces>[1]) => {
  const x = input(["time"], "int64");
  await using program = await compile({ x }, { y: relativePlaces("time", options) });
  const { y } = await program({ x: { dtype: "int64", dims: [T], data: new BigInt64Array(T) } });
  return Array.from({ length: T }, (_, q) => Array.from((y.data as BigInt64Array).slice(q * T, (q + 1) * T), Number));
};

test("places count from the span, query minus key, and stay in the table", async () => {
  expect(await placesOf(4, { span: 2, furthest: 2 })).toEqual([
    [2, 1, 0, 0],
    [3, 2, 1, 0],
    [3, 3, 2, 1],
    [3, 3, 3, 2],
  ]);
});

test("buckets for more than the furthest distance leave all near places their own", async () => {
  const rows = await placesOf(5, { span: 16, buckets: 16, furthest: 7 });
  expect(rows[0]).toEqual([16, 15, 14, 13, 12]);
  expect(rows.at(-1)).toEqual([20, 19, 18, 17, 16]);
});

test("near places are their own, far ones share buckets that grow, behind as ahead", async () => {
  const [first, ...others] = await placesOf(40, { span: 8, buckets: 8, furthest: 32 });
  const last = others.at(-1)!;
  expect(first!.slice(0, 5)).toEqual([8, 7, 6, 5, 4]); // 0 … 4 places before
  expect(first!.slice(4)).toEqual(first!.slice(4).toSorted((a, b) => b - a));
  expect(last.toReversed().slice(0, 5)).toEqual([8, 9, 10, 11, 12]);
  expect(new Set(first).size).toBe(9);
  expect([first!.at(-1), last[0]]).toEqual([0, 15]);
});
