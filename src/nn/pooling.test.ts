import { expect, test } from "vitest";
import { compile } from "../runtime/compile.ts";
import { input } from "../tensor/index.ts";
import { clsPooling, maxPooling, meanPooling, type Pooling } from "./index.ts";

const states = [1, -2, 3, -4, 50, 60]; // three tokens of two numbers; the last is padding
async function pool(pooling: Pooling, mask?: readonly number[]): Promise<number[]> {
  const x = input(["batch", "time", 2]);
  const m = input(["batch", "time"], "int64");
  await using program = await compile(mask ? { x, m } : { x }, { y: pooling(x, mask && m) });
  const values = { x: { dtype: "float32", dims: [1, 3, 2], data: Float32Array.from(states) } } as const;
  const given = mask && { m: { dtype: "int64", dims: [1, 3], data: BigInt64Array.from(mask, BigInt) } };
  return Array.from((await program({ ...values, ...given } as never)).y.data as Float32Array);
}

test("padding is left out of the mean and of the largest", async () => {
  expect(await pool(meanPooling, [1, 1, 0])).toEqual([2, -3]);
  expect(await pool(maxPooling, [1, 1, 0])).toEqual([3, -2]);
  expect(await pool(clsPooling, [1, 1, 0])).toEqual([1, -2]);
});

test("without a mask all are tokens", async () => {
  expect(await pool(meanPooling)).toEqual([18, 18]);
  expect(await pool(maxPooling)).toEqual([50, 60]);
});

test("of no tokens at all the mean is 0", async () => {
  expect(await pool(meanPooling, [0, 0, 0])).toEqual([0, 0]);
});
