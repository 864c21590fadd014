import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import { ceilDiv, type Dim, dim, divide, evaluate, floorDiv, minus, plus, sizeOf, times } from "./dims.ts";
import {
  add,
  concat,
  conv1d,
  convTranspose1d,
  einsum,
  type Float,
  grad,
  input,
  matmul,
  maxPool1d,
  mean,
  mul,
  pad,
  rearrange,
  reshape,
  type Shape,
  scalar,
  slice,
  sum,
  topK,
  within,
} from "./index.ts";

describe("a size is written in one way", () => {
  test.each<[Dim | undefined, Dim | undefined]>([
    [dim("time*batch*2 + 1"), "2*batch*time + 1"],
    [plus("time", minus("batch", "time")), "batch"],
    [plus(minus("time", 1), 1), "time"],
    [minus(0, "time"), "-time"],
    [times(minus("a", "b"), plus("a", "b")), "a*a - b*b"],
    [sizeOf(["batch", 3, "time"]), "3*batch*time"],
    [sizeOf([]), 1],
    [divide(times("batch", plus("time", 1)), plus("time", 1)), "batch"],
    [divide(6, 4), undefined],
    [divide("time", 2), undefined],
    [floorDiv(times(4, "time"), 2), "2*time"],
    [floorDiv(plus("time", 5), 2), "floorDiv(time + 1, 2) + 2"],
    [floorDiv(minus("time", 3), 2), "floorDiv(time + 1, 2) - 2"],
    [floorDiv(plus(floorDiv("time", 2), 1), 2), "floorDiv(time + 2, 4)"],
    [floorDiv("time", "window"), "floorDiv(time, window)"],
    [minus(times(4, ceilDiv("time", 4)), "time"), "4*floorDiv(time + 3, 4) - time"],
    [divide(times(4, ceilDiv("time", 4)), 4), "floorDiv(time + 3, 4)"],
  ])("%s", (got, want) => expect(got).toBe(want));

  const size = fc.letrec<{ size: Dim }>((tie) => ({
    size: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom("a", "b"),
      fc.tuple(fc.constantFrom(plus, minus, times), tie("size"), tie("size")).map(([f, x, y]) => f(x, y)),
      fc.tuple(tie("size"), fc.integer({ min: 1, max: 5 })).map(([x, n]) => floorDiv(x, n)),
    ),
  })).size;
  const at = (d: Dim, a: number, b: number) => evaluate(d, (name) => (name === "a" ? a : b)) + 0; // no −0

  test("and equals what it was made from", () =>
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 6 }), fc.nat(20), fc.nat(20), (x, y, n, a, b) => {
        expect(dim(x)).toBe(x);
        expect(at(plus(x, y), a, b)).toBe(at(x, a, b) + at(y, a, b) + 0);
        expect(at(minus(x, y), a, b)).toBe(at(x, a, b) - at(y, a, b) + 0);
        expect(at(times(x, y), a, b)).toBe(at(x, a, b) * at(y, a, b) + 0);
        expect(at(floorDiv(x, n), a, b)).toBe(Math.floor(at(x, a, b) / n) + 0);
      }),
    ));

  test("in whatever order it was made", () =>
    fc.assert(
      fc.property(size, size, size, (x, y, z) => {
        expect(plus(x, y)).toBe(plus(y, x));
        expect(times(x, y)).toBe(times(y, x));
        expect(plus(plus(x, y), z)).toBe(plus(x, plus(y, z)));
        expect(times(x, plus(y, z))).toBe(plus(times(x, y), times(x, z)));
        expect(minus(plus(x, y), y)).toBe(x);
        if (y !== 0) expect(divide(times(x, y), y)).toBe(x);
      }),
    ));

  test.each(["two words", "a +", "a**b", "floorDiv(a)", "a-b", ""])("%j is refused", (text) =>
    expect(() => input([text])).toThrow(
      `"${text}" is not a size: a size is a number, a name, or sums and products of them`,
    ),
  );
});

test("sizes that must be equal are named when they are not", () => {
  const x = input(["batch", 3]);
  expect(() => add(x, input(["rows", 3]))).toThrow(
    "add: cannot broadcast float32[batch, 3] with float32[rows, 3]: batch ≠ rows at axis -2",
  );
  expect(() => matmul(x, input(["time", 5]))).toThrow(
    "matmul: cannot multiply float32[batch, 3] by float32[time, 5]: 3 ≠ time",
  );
  expect(() => reshape(x, ["batch", 4])).toThrow(
    "reshape: cannot reshape float32[batch, 3] to [batch, 4]: 3*batch ≠ 4*batch elements",
  );
  expect(() => concat([x, input(["batch", "time"]), input(["rows", 1])], 1)).toThrow("batch ≠ rows at axis 0");
});

test("a symbol is never silently 1 in broadcasting", async () => {
  const x = input(["batch", 3]);
  expect(() => add(x, input([4, 3]))).toThrow("batch ≠ 4");
  expect(add(x, input([1, 3])).shape).toEqual(["batch", 3]);
  // what is 1 in this run is no 1 of the graph: the gradient of y is summed over a batch that may be longer
  const y = input([1, 3]);
  const dy = grad(sum(mul(x, y)), [y])[0]!;
  expect(dy.shape).toEqual([1, 3]);
  await using program = await compile({ x, y }, { dy });
  for (const B of [1, 2]) {
    const got = await program({ x: f32([B, 3], Array(3 * B).fill(1)), y: f32([1, 3], [1, 1, 1]) });
    expect(got.dy).toEqual(f32([1, 3], [B, B, B]));
  }
});

test("a size is a number in the graph", async () => {
  const x = input(["batch", "time"]);
  const size = minus(times(4, ceilDiv("time", 4)), "batch");
  await using program = await compile({ x }, { size: scalar(size, "int64"), mean: mul(sum(x), scalar(size)) });
  const got = await program({ x: f32([2, 5], Array(10).fill(1)) });
  expect(got.size.data).toEqual(BigInt64Array.of(6n));
  expect(got.mean.data[0]).toBe(60);
});

describe("a run whose sizes the engine would crash on is refused, with the op, its layer and the sizes", () => {
  const x = input(["batch", 2, "time"]);
  const w = input([2, 2, 3]);
  test.each<[string, () => Float, number[], string]>([
    [
      "a window longer than the input",
      () => conv1d(x, w, { padding: [1, 0] }),
      [1, 2, 1],
      "conv1d: no window fits into float32[batch, 2, time]: 3 > time + 1, with padding, at axis 2 (in encoder.conv1); here time is 1",
    ],
    [
      "nothing to pool",
      () => maxPool1d(x, 2),
      [1, 2, 0],
      "maxPool1d: float32[batch, 2, time] is empty (in encoder.conv1); here time is 0",
    ],
    [
      "no rows",
      () => convTranspose1d(x, w),
      [0, 2, 3],
      "convTranspose1d: float32[batch, 2, time] is empty (in encoder.conv1); here batch is 0",
    ],
    [
      "fewer values than asked for",
      () => topK(x, 4).values,
      [1, 2, 3],
      "topK: cannot take 4 of float32[batch, 2, time]: 4 > time at axis -1 (in encoder.conv1); here time is 3",
    ],
    [
      "a slice that begins after its end",
      () => slice(x, 2, 0, minus("time", 2)),
      [1, 2, 1],
      "slice: 0 … time - 2 is not a part of axis 2 of float32[batch, 2, time] (in encoder.conv1); here time is 1",
    ],
  ])("%s", async (_, build, dims, message) => {
    const y = within("encoder.conv1", build);
    await using program = await compile({ x, w }, { y, dx: grad(sum(y), [x])[0]! });
    const feeds = { x: f32(dims, Array(sizeOf(dims) as number).fill(1)), w: f32([2, 2, 3], Array(12).fill(1)) };
    await expect(program(feeds)).rejects.toThrow(message);
  });
});

test("a run with no rows or no positions is no special case elsewhere", async () => {
  const x = input(["batch", "time", 4]);
  const y = sum(mul(rearrange(x, "b t (h d) -> b h t d", { h: 2 }), 2), [2]);
  await using program = await compile({ x }, { y, dx: grad(sum(y), [x])[0]! });
  for (const [B, T] of [
    [0, 3],
    [2, 0],
  ] as const) {
    const got = await program({ x: f32([B, T, 4], []) });
    expect(got.y).toEqual(f32([B, 2, 2], Array(4 * B).fill(0)));
    expect(got.dx.dims).toEqual([B, T, 4]);
  }
});

/** Mean over windows of `W` positions, the last one padded with zeros: [B, T, C] → [B, ⌈T / W⌉, C]. */
const windowMeans = (x: Float, W: number) => {
  const T = x.shape[1]!;
  return mean(rearrange(pad(x, 1, 0, minus(times(W, ceilDiv(T, W)), T)), "b (n w) c -> b n w c", { w: W }), [2]);
};

/** What is built for any batch and time, what sizes its inputs have, and its shape. */
const programs: Record<
  string,
  readonly [build: (...xs: Float[]) => Float, shapes: (B: Dim, T: Dim) => Shape[], Shape]
> = {
  "a strided convolution": [
    (x, w) => conv1d(x, w, { stride: 2, padding: 1 }),
    (B, T) => [
      [B, 2, T],
      [4, 2, 3],
    ],
    ["batch", 4, "floorDiv(time + 1, 2)"],
  ],
  "two strided convolutions, dilated": [
    (x, w, v) => conv1d(conv1d(x, w, { stride: 3, padding: [4, 0], dilation: 2 }), v, { stride: 2, padding: 1 }),
    (B, T) => [
      [B, 2, T],
      [4, 2, 3],
      [1, 4, 3],
    ],
    ["batch", 1, "floorDiv(time + 5, 6)"],
  ],
  "the sum of a strided convolution's neighbours": [
    (x, w) => {
      const y = conv1d(x, w, { stride: 2, padding: 2 });
      const n = y.shape[2]!;
      return add(slice(y, 2, 1, n), slice(y, 2, 0, minus(n, 1)));
    },
    (B, T) => [
      [B, 1, T],
      [1, 1, 3],
    ],
    ["batch", 1, "floorDiv(time + 1, 2)"],
  ],
  "overlapping pooling": [
    (x) => maxPool1d(x, 3, { stride: 2, padding: 1 }),
    (B, T) => [[B, 2, T]],
    ["batch", 2, "floorDiv(time + 1, 2)"],
  ],
  "padding to a multiple of a window": [
    (x) => windowMeans(x, 4),
    (B, T) => [[B, T, 2]],
    ["batch", "floorDiv(time + 3, 4)", 2],
  ],
  einsum: [
    (q, k, v) => einsum("b t h d, b s h d, b s h v -> b t h v", q, k, v),
    (B, T) => [
      [B, T, 2, 3],
      [B, plus(T, 1), 2, 3],
      [B, plus(T, 1), 2, 2],
    ],
    ["batch", "time", 2, 2],
  ],
  "batch and time as one axis": [
    (x, w) => matmul(reshape(x, [times(x.shape[0]!, x.shape[1]!), 3]), w),
    (B, T) => [
      [B, T, 3],
      [3, 2],
    ],
    ["batch*time", 2],
  ],
};

describe("one program for every length equals a program for each, forward and backward", () => {
  test.each(Object.entries(programs))("%s", async (_, [build, shapes, shape]) => {
    const open = (B: Dim, T: Dim) => {
      const xs = shapes(B, T).map((s) => input(s) as Float);
      const y = build(...xs);
      if (typeof B === "string") expect(y.shape).toEqual(shape);
      return compile({ xs }, { y, dxs: grad(sum(mul(y, y)), xs) });
    };
    await using any = await open("batch", "time");
    for (const [B, T] of [
      [1, 1],
      [2, 4],
      [3, 5],
      [1, 11],
    ] as const) {
      const xs = shapes(B, T).map((s, i) => f32(s as number[], normals(s as number[], i)));
      await using fixed = await open(B, T);
      const [got, want] = [await any({ xs }), await fixed({ xs })];
      expect(got.y.dims).toEqual(shape.map((d) => evaluate(d, (name) => (name === "batch" ? B : T))));
      for (const [a, b] of [[got.y, want.y] as const, ...got.dxs.map((a, i) => [a, want.dxs[i]!] as const)]) {
        expect(a.dims).toEqual(b.dims);
        Array.from(a.data, Number).forEach((v, i) => {
          expect(v).toBeCloseTo(Number(b.data[i]), 5);
        });
      }
    }
  });
});
