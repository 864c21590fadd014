import { expect, test } from "vitest";
import { f32, normals } from "../../../test/gradient-check.ts";
import { compile } from "../../runtime/compile.ts";
import { add, type Dim, type Float, grad, input, mul, sum, trace } from "../../tensor/index.ts";
import { causalMask, causalPaddingMask, type Mask, nearMask, scaledDotProduct } from "../index.ts";

const [T, D] = [150, 4]; // a block of 128 and the rest

/** Attention of two query heads that share a key head, with its gradients, its weights, and the nodes it is lowered to. */
async function attended(maskOf: (attention_mask: ReturnType<typeof input<"int64">>) => Float) {
  const [q, k, v, c] = [input([2, 2, T, D]), input([2, 1, T, D]), input([2, 1, T, D]), input([2, 2, T, D])];
  const attention_mask = input([2, T], "int64");
  const { result: y, taps } = trace(() => scaledDotProduct()(q, k, v, maskOf(attention_mask)));
  const [dq, dk, dv] = grad(sum(mul(y, c)), [q, k, v]) as [Float, Float, Float];
  const outputs = { y, dq, dk, dv, weights: taps[0]!.value };
  await using program = await compile({ q, k, v, c, attention_mask }, outputs);
  const seen = BigInt64Array.from({ length: 2 * T }, (_, i) => BigInt(i < T + 140)); // the second row ends earlier
  const values = [q, k, v, c].map(({ shape }, i) => f32(shape as number[], normals(shape as number[], i)));
  const results = await program({
    ...{ q: values[0]!, k: values[1]!, v: values[2]!, c: values[3]! },
    attention_mask: { dtype: "int64", dims: [2, T], data: seen },
  });
  return { y, numbers: Object.entries(results).map(([name, { data }]) => ({ name, data: Array.from(data, Number) })) };
}

test.each<[string, (m: ReturnType<typeof input<"int64">>) => Float]>([
  ["causal", () => causalPaddingMask(T, T)],
  ["causal, with padding", (m) => causalPaddingMask(T, T, m)],
  ["causal, with padding and a window", (m) => causalPaddingMask(T, T, m, { window: 20 })],
])("in blocks, results, weights and gradients are those of all scores at once: %s", async (_, maskOf) => {
  const blocks = await attended(maskOf);
  const whole = await attended((m) => add(maskOf(m), 0)); // no longer known to be causal
  expect([blocks.y.op, whole.y.op]).toEqual(["Concat", "Reshape"]);
  for (const [i, { name, data }] of blocks.numbers.entries()) {
    const apart = data.map((x, at) => Math.abs(x - whole.numbers[i]!.data[at]!));
    expect(Math.max(...apart), name).toBeLessThan(2e-6 * Math.max(...data.map(Math.abs)));
  }
});

test("few queries, or as many as are not known yet, are not cut", () => {
  const opOf = (n: Dim) => {
    const [q, k, v] = [input([1, 1, n, D]), input([1, 1, n, D]), input([1, 1, n, D])];
    return scaledDotProduct()(q, k, v, causalPaddingMask(n, n)).op;
  };
  expect([opOf(128), opOf("time"), opOf(129)]).toEqual(["MatMul", "MatMul", "Concat"]);
});

test("a mask says that it is causal, and only such a one is cut", () => {
  expect([causalMask(4).causal, causalPaddingMask(4, 4).causal]).toEqual([true, true]);
  const [q, k, v] = [input([1, 1, 200, D]), input([1, 1, 200, D]), input([1, 1, 200, D])];
  const opOf = (mask: Mask) => scaledDotProduct()(q, k, v, mask).op;
  expect([opOf(causalMask(200)), opOf(nearMask(200, 3))]).toEqual(["Concat", "MatMul"]);
});
