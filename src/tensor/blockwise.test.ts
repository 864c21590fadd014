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
  const cut = blockwise(f, [x, y]);
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

test("only slices that are known to be large, and one of several, are worth a loop", () => {
  const cutOf = (shape: readonly (number | string)[]) => {
    const x = input(shape);
    return isCut(blockwise((x) => mul(x, 2), [x]));
  };
  expect([large, [2, 1 << 17], [1, 1 << 17], ["batch", "time", 512], [2, 1 << 16], [2, 1 << 22]].map(cutOf)).toEqual([
    ...[true, true, false, false, false, false],
  ]);
});

test("what is no work on each element alone is refused", () => {
  expect(() => blockwise((x) => reshape(x, [6]), [input([2, 3])])).toThrow(
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
  await using program = await compile({ x }, { y: blockwise((x) => mul(x, 2), [x]) });
  await expect(program({ x: f32([0, 256, 512], []) })).rejects.toThrow(
    "blockwise: there is no slice of float32[batch, 256, 512]; here batch is 0",
  );
});
