import { expect, test } from "vitest";
import { compile } from "../runtime/compile.ts";
import { type Float, grad, input, sum } from "../tensor/index.ts";
import { embedding } from "./index.ts";

test("the row of padding learns nothing where it is read, and a negative one counts from the end", async () => {
  for (const [padding, row] of [
    [null, undefined],
    [0, 0],
    [-1, 2],
  ] as const) {
    const table = embedding(3, 1, { padding });
    const ids = input([4], "int64");
    const [dW] = grad(sum(table(ids)), [table.weight]) as [Float];
    await using program = await compile({ params: { weight: table.weight }, ids }, { dW });
    const { dW: got } = await program({
      params: { weight: { dtype: "float32", dims: [3, 1], data: Float32Array.of(5, 6, 7) } },
      ids: { dtype: "int64", dims: [4], data: BigInt64Array.of(0n, 1n, 2n, 2n) },
    });
    expect([...got.data]).toEqual([1, 1, 2].map((count, i) => (i === row ? 0 : count)));
  }
});
