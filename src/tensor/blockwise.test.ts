import { expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import { topologicalOrder } from "./grad.ts";
import { type Float, gelu, geluTanh, grad, input, layerNormalize, mean, mul, sigmoid, sub, sum } from "./index.ts";
import { blockwise } from "./ops/blockwise.ts";
import { reshape } from "./ops/index.ts";

const large = ["batch", 256, 512] as const; // a slice is 2¹⁷ numbers
const f = (x: Float, y: Float) => mul(x, sigmoid(mul(x, y)));
const isCut = (y: Float) => topologicalOrder([y]).some(({ op }) => op === "Scan");

test("slice by slice, results and gradients are those of the whole", async () => {
  const [x, y] = [input(large), input(large)];
  const [cut] = blockwise((x, y) => [f(x, y)], [x, y]);
  const whole = f(x, y);
  expect([isCut(cut), isCut(whole)]).toEqual([true, false]);
  const gradientsOf = (z: Float) => grad(sum(mul(z, z)), [x, y]) as [Float, Float];
  const [outs, wants] = [cut, whole].map((z) => [z, ...gradientsOf(z)]) as [Float[], Float[]];
  await using program = await compile({ x, y }, { outs, wants });
  const dims = [2, 256, 512];
  const got = await program({ x: f32(dims, normals(dims, 1)), y: f32(dims, normals(dims, 2)) });
  for (const [i, { data }] of got.outs.entries())
    expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(got.wants[i]!.data.buffer))).toBe(0);
});

test("several results, of rows that are cut in two", async () => {
  const [x, y] = [input(["batch", 256, 1024]), input(["batch", 256, 1024])];
  const both = (x: Float, y: Float) => [f(x, y), mul(x, y)] as const;
  const sums = (zs: readonly Float[]) => sum(mul(zs[0]!, zs[1]!));
  const gradientsOf = (zs: readonly Float[]) => [...zs, ...grad(sums(zs), [x, y])];
  const [cut, whole] = [blockwise(both, [x, y]), both(x, y)];
  await using program = await compile({ x, y }, { outs: gradientsOf(cut), wants: gradientsOf(whole) });
  const dims = [3, 256, 1024];
  const got = await program({ x: f32(dims, normals(dims, 4)), y: f32(dims, normals(dims, 5)) });
  expect(isCut(cut[1])).toBe(true);
  for (const [i, { data }] of got.outs.entries())
    expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(got.wants[i]!.data.buffer))).toBe(0);
});

test("only slices that are known to be large, and one of several, are worth a loop", () => {
  const cutOf = (shape: readonly (number | string)[]) => {
    const x = input(shape);
    const [y] = blockwise((x) => [mul(x, 2)], [x]);
    expect(y.shape).toEqual(shape);
    const loop = topologicalOrder([y]).find(({ op }) => op === "Scan");
    return loop?.inputs[0]?.shape;
  };
  expect(cutOf(large)).toEqual(["batch", 256, 512]);
  expect(cutOf(["batch", 256, 1536])).toEqual(["2*batch", 128, 1536]); // two slices a text: more does not fit into a cache
  expect(cutOf([8, 256, 384])).toEqual([4, 512, 384]); // two texts a slice
  expect(cutOf(["batch", 271, 1009])).toBe(undefined); // primes: no part of it fits
  for (const shape of [[1, 1 << 17], ["batch", "time", 512], [2, 1 << 16], [12, 64, 512], [2, 1 << 22], [1 << 20]])
    expect(cutOf(shape)).toBe(undefined);
});

test("rows may have one number beside them, and be summed up", async () => {
  const [x, scale] = [input(["batch", 256, 1024]), input(["batch", 256, 1])];
  const normed = (x: Float, scale: Float) => [mul(scale, sub(x, mean(x, [-1], { keepDims: true })))] as const;
  const [cut, whole] = [blockwise(normed, [x, scale])[0], normed(x, scale)[0]];
  const gradientsOf = (z: Float) => [z, ...grad(sum(mul(z, z)), [x, scale])];
  await using program = await compile({ x, scale }, { outs: gradientsOf(cut), wants: gradientsOf(whole) });
  const got = await program({
    x: f32([3, 256, 1024], normals([3, 256, 1024], 6)),
    scale: f32([3, 256, 1], normals([3, 256, 1], 7)),
  });
  expect(isCut(cut)).toBe(true);
  for (const [i, { data }] of got.outs.entries())
    expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from(got.wants[i]!.data.buffer))).toBe(0);
});

test("rows of other tensors are refused", () => {
  expect(() => blockwise((x) => [reshape(x, [6])], [input([2, 3])])).toThrow(
    "blockwise: float32[2, 3] becomes float32[6]",
  );
  expect(() => blockwise((x) => [x], [input([2, 3]), input([3, 1])])).toThrow("blockwise: float32[2, 3] becomes");
});

test("layer normalisation has the same gradients on large tensors as on small ones", async () => {
  const C = 1024;
  const [x, small, weight, bias] = [input(["batch", 128, C]), input(["batch", "time", C]), input([C]), input([C])];
  const gradientsOf = (x: Float) => {
    const y = layerNormalize(x, weight, bias, 1e-5);
    return grad(sum(mul(y, mul(y, y))), [x, weight, bias]);
  };
  const [cut, whole] = [gradientsOf(x), gradientsOf(small)];
  expect([isCut(cut[0]!), isCut(whole[0]!)]).toEqual([true, false]);
  await using program = await compile({ x, small, weight, bias }, { cut, whole });
  const values = f32([5, 128, C], normals([5, 128, C], 8));
  const got = await program({
    ...{ x: values, small: values },
    ...{ weight: f32([C], normals([C], 9)), bias: f32([C], normals([C], 10)) },
  });
  for (const [i, { data }] of got.cut.entries()) {
    const want = Array.from(got.whole[i]!.data.slice(0, 5000), Number);
    const largest = Math.max(...want.map(Math.abs));
    expect(Math.max(...want.map((x, k) => Math.abs(x - Number(data[k]))))).toBeLessThan(1e-6 * largest);
  }
});

test.each([
  ["gelu", gelu],
  ["geluTanh", geluTanh],
] as const)("%s has the same slope on large tensors as on small ones", async (_, activation) => {
  const [x, small] = [input(large), input(["batch", "time", 512])];
  const slopeOf = (x: Float) => grad(sum(activation(x)), [x])[0]!;
  expect([isCut(slopeOf(x)), isCut(slopeOf(small))]).toEqual([true, false]);
  await using program = await compile({ x, small }, { cut: slopeOf(x), whole: slopeOf(small) });
  const values = f32([2, 256, 512], normals([2, 256, 512], 3));
  const { cut, whole } = await program({ x: values, small: values });
  expect(Buffer.compare(Buffer.from(cut.data.buffer), Buffer.from(whole.data.buffer))).toBe(0);
});

test.each([
  ["gelu", gelu],
  ["geluTanh", geluTanh],
] as const)(
  "the second derivative of %s, whose result is one of the tensors that are cut, is that of the whole",
  async (_, activation) => {
    const [x, small] = [input(large), input(["batch", "time", 512])];
    const curveOf = (x: Float) => {
      const slope = grad(sum(mul(activation(x), activation(x))), [x])[0]!;
      return grad(sum(slope), [x])[0]!;
    };
    await using program = await compile({ x, small }, { cut: curveOf(x), whole: curveOf(small) });
    const values = f32([2, 256, 512], normals([2, 256, 512], 3));
    const { cut, whole } = await program({ x: values, small: values });
    for (let i = 0; i < 1000; i++) expect(Math.abs(cut.data[i]! - whole.data[i]!)).toBeLessThan(1e-5);
  },
);

test("a batch of no rows is told", async () => {
  const x = input(large);
  await using program = await compile({ x }, { ys: blockwise((x) => [mul(x, 2)], [x]) });
  await expect(program({ x: f32([0, 256, 512], []) })).rejects.toThrow(
    "blockwise: there is no slice of float32[batch, 256, 512]; here batch is 0",
  );
});
