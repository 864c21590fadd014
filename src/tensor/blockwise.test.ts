import { expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import { topologicalOrder } from "./grad.ts";
import { type Float, gelu, geluTanh, grad, input, mul, sigmoid, sum } from "./index.ts";
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
  expect(cutOf(["batch", 256, 1536])).toEqual(["2*batch", 128, 1536]); // two slices a row: more does not fit into a cache
  expect(cutOf([8, 64, 1024])).toEqual([4, 2, 64, 1024]);
  expect(cutOf([2, 1 << 22])).toEqual([64, 1 << 17]);
  expect(cutOf(["batch", 271, 1009])).toEqual(["batch", 271, 1009]); // primes: whole rows
  for (const shape of [
    [1, 1 << 17],
    ["batch", "time", 512],
    [2, 1 << 16],
    ["batch", 1013, 3001],
  ])
    expect(cutOf(shape)).toBe(undefined);
});

test("what is no work on each element alone is refused", () => {
  expect(() => blockwise((x) => [reshape(x, [6])], [input([2, 3])])).toThrow(
    "blockwise: float32[2, 3] becomes float32[6]",
  );
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
