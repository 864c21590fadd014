import { expect, test } from "vitest";
import { f32, normals } from "../../../test/gradient-check.ts";
import { compile } from "../../runtime/compile.ts";
import { add, type Dim, type Float, grad, input, mul, sum, trace } from "../../tensor/index.ts";
import { causalMask, causalPaddingMask, type Mask, nearMask, scaledDotProduct } from "../index.ts";

const [T, D] = [150, 4]; // a block of 128 and the rest

/** Attention of two query heads that share a key head, with its gradients, its weights, and the nodes it is lowered to. */
async function attended(maskOf: () => Float) {
  const [q, k, v, c] = [input([2, 2, T, D]), input([2, 1, T, D]), input([2, 1, T, D]), input([2, 2, T, D])];
  const { result: y, taps } = trace(() => scaledDotProduct()(q, k, v, maskOf()));
  const [dq, dk, dv] = grad(sum(mul(y, c)), [q, k, v]) as [Float, Float, Float];
  const outputs = { y, dq, dk, dv, weights: taps[0]!.value };
  await using program = await compile({ q, k, v, c }, outputs);
  const drawn = ({ shape }: Float, key: number) => f32(shape as number[], normals(shape as number[], key));
  const results = await program({ q: drawn(q, 0), k: drawn(k, 1), v: drawn(v, 2), c: drawn(c, 3) });
  return { y, numbers: Object.entries(results).map(([name, { data }]) => ({ name, data: Array.from(data, Number) })) };
}

test.each<[string, () => Float]>([
  ["causal", () => causalPaddingMask(T, T)],
  ["causal, with a window", () => causalPaddingMask(T, T, undefined, { window: 20 })],
])("in blocks, results, weights and gradients are those of all scores at once: %s", async (_, maskOf) => {
  const blocks = await attended(maskOf);
  const whole = await attended(() => add(maskOf(), 0)); // no longer known to be causal
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

test("a mask says that it is causal, and only such a one is cut: where padding hides all keys, all weigh the same", () => {
  const padded = causalPaddingMask(4, 4, input([2, 4], "int64"));
  expect([causalMask(4).causal, causalPaddingMask(4, 4).causal, padded.causal]).toEqual([true, true, undefined]);
  const [q, k, v] = [input([1, 1, 200, D]), input([1, 1, 200, D]), input([1, 1, 200, D])];
  const opOf = (mask: Mask) => scaledDotProduct()(q, k, v, mask).op;
  expect([opOf(causalMask(200)), opOf(nearMask(200, 3))]).toEqual(["Concat", "MatMul"]);
});
