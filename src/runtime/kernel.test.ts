import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  and,
  cast,
  clip,
  div,
  equal,
  exp,
  floor,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
  or,
  pow,
  sign,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  where,
} from "../tensor/ops/index.ts";
import { type Bool, type Float, input } from "../tensor/tensor.ts";
import { compile } from "./compile.ts";
import { fuse, instantiate, type Kernel, sumOfSquares } from "./kernel.ts";
import { scalarOps, scalarsOf } from "./scalars.ts";
import { f32x4 } from "./simd.ts";
import { createState } from "./state.ts";

const SPECIAL = [0, -0, 1, -1, 0.5, -0.5, 3, -3, 1e-30, -1e30];
const wave = (k: number) => Float32Array.from({ length: 21 }, (_, i) => SPECIAL[i + k] ?? 2 * Math.sin(i * 0.7 + k));

/** f over two arrays and two scalars, as a loop in place and as the engine computes it. */
async function both(f: (a: Float, b: Float, s: Float, t: Float) => Float, [sValue, tValue]: readonly [number, number]) {
  const [a, b, s, t] = [input([3, 7]), input([3, 7]), input([]), input([])];
  const y = f(a, b, s, t);
  const kernel = fuse({ arrays: { a, b }, scalars: { s, t }, outputs: { a: y } })!;
  using state = createState([{ name: "x", dims: [3, 7], arrays: ["a", "b"] }]);
  const { slices, bytes, memory } = state.rows[0]!;
  slices["a"]!.data.set(wave(0));
  slices["b"]!.data.set(wave(4));
  const scalars = scalarsOf(kernel, { s: sValue, t: tValue });
  instantiate(kernel.code, memory)(...kernel.arrays.map((name) => slices[name]!.offset), bytes, ...scalars);

  await using program = await compile({ a, b, s, t }, { y });
  const f32 = (dims: readonly number[], data: Float32Array) => ({ dtype: "float32", dims, data }) as const;
  const scalar = (x: number) => f32([], Float32Array.of(x));
  const engine = await program({
    a: f32([3, 7], wave(0)),
    b: f32([3, 7], wave(4)),
    s: scalar(sValue),
    t: scalar(tValue),
  });
  const plain = (data: Float32Array) => Array.from(data, (x) => x + 0); // the engine's Where makes −0 into 0
  return { kernel: plain(slices["a"]!.data), engine: plain(engine.y.data as Float32Array) };
}

const choose = (condition: Bool, a: Float, b: Float): Float => where(condition, a, b);

const elementwise: Readonly<Record<string, (a: Float, b: Float, s: Float) => Float>> = {
  Abs: (a) => abs(a),
  Neg: (a) => neg(a),
  Sqrt: (a) => sqrt(abs(a)),
  Sign: (a) => sign(a),
  Add: add,
  Sub: sub,
  Mul: (a, b, s) => mul(mul(a, b), s),
  Div: (a, b) => div(a, add(abs(b), 1)),
  Min: minimum,
  Max: (a, b, s) => maximum(maximum(a, b), s),
  Clip: (a) => clip(a, -0.5, 1),
  Equal: (a, b) => choose(equal(a, b), a, neg(b)),
  Less: (a, b) => choose(less(a, b), a, b),
  Greater: (a, _, s) => choose(greater(a, s), a, neg(a)),
  LessOrEqual: (a, b) => choose(lessOrEqual(a, b), a, b),
  GreaterOrEqual: (a) => choose(greaterOrEqual(a, 0), a, neg(a)),
  Not: (a, b) => choose(not(less(a, b)), a, b),
  And: (a, b) => choose(and(less(a, b), greater(b, 0)), a, b),
  Or: (a, b) => choose(or(less(a, b), greater(b, 0)), a, b),
  Where: (a, b, s) => choose(greater(s, 0), a, b), // a condition that is a scalar
  Cast: (a, b) => mul(b, cast(greater(a, b), "float32") as Float),
};

describe("a loop computes what the engine computes", () => {
  test.each(Object.entries(elementwise))("with %s", async (_, f) => {
    const got = await both(f, [0.75, 3]);
    expect(got.kernel).toEqual(got.engine);
  });

  test("for every operator it has", () => {
    expect(Object.keys(elementwise).toSorted()).toEqual(Object.keys(f32x4).toSorted());
  });
});

const scalarCases: Readonly<Record<string, (s: Float, t: Float) => Float>> = {
  Abs: (s) => abs(s),
  Neg: (s) => neg(s),
  Sign: (s) => sign(s),
  Sqrt: (s) => sqrt(s),
  Exp: (s) => exp(s),
  Log: (s) => log(s),
  Tanh: (s) => tanh(s),
  Floor: (_, t) => floor(mul(t, 0.3)),
  Add: add,
  Sub: sub,
  Mul: mul,
  Div: div,
  Pow: (s) => pow(s, 2.5),
  Min: minimum,
  Max: maximum,
  Clip: (_, t) => clip(t, -1, 2),
  Equal: (s, t) => choose(equal(s, t), s, t),
  Less: (s, t) => choose(less(s, t), s, t),
  Greater: (s, t) => choose(greater(s, t), s, t),
  LessOrEqual: (s, t) => choose(lessOrEqual(s, t), s, t),
  GreaterOrEqual: (s, t) => choose(greaterOrEqual(s, t), s, t),
  Not: (s, t) => choose(not(less(s, t)), s, t),
  And: (s, t) => choose(and(less(s, t), greater(s, 1)), s, t),
  Or: (s, t) => choose(or(less(s, t), greater(s, 1)), s, t),
  Where: (s, t) => choose(less(s, 1), s, t),
  Cast: (s, t) => cast(less(s, t), "float32") as Float,
  Reciprocal: (s) => s, // stands for a division of an array by a scalar
};

describe("before its loop, it computes what the engine computes", () => {
  test.each(Object.entries(scalarCases))("with %s", async (_, f) => {
    for (const values of [
      [0.75, 3],
      [3, 0.75],
      [2, 2],
    ] as const) {
      const got = await both((a, _, s, t) => div(a, add(f(s, t), 1)), values);
      for (const [i, x] of got.kernel.entries())
        expect(Math.abs(x - got.engine[i]!)).toBeLessThanOrEqual(3e-7 * Math.abs(x));
    }
  });

  test("for every operator it has", () => {
    expect(Object.keys(scalarCases).toSorted()).toEqual(Object.keys(scalarOps).toSorted());
  });

  test("but in double precision", () => {
    const [a, s] = [input([4]), input([])];
    const { passed, ...kernel } = fuse({
      arrays: { a },
      scalars: { s },
      outputs: { a: mul(a, sub(add(s, 1), 1)) },
    }) as Kernel;
    expect(scalarsOf({ passed, ...kernel }, { s: 1e-9 })[0]).toBeCloseTo(1e-9, 15);
  });
});

test("what is not elementwise, or not in float32, is no loop", () => {
  const [w, s] = [input([2, 3]), input([])];
  const loop = (y: Float) => fuse({ arrays: { w }, scalars: { s }, outputs: { w: y } });
  expect(loop(add(w, s))).toBeDefined();
  expect(loop(sub(w, sum(w)))).toBeUndefined(); // an operator over the whole array
  expect(loop(sub(w, sum(w, [0])))).toBeUndefined(); // another shape
  expect(loop(tanh(w))).toBeUndefined(); // an operator that it does not have
  expect(loop(cast(cast(w, "float64"), "float32"))).toBeUndefined(); // another type
  expect(loop(choose(equal(less(w, s), less(w, 0)), w, neg(w)))).toBeUndefined(); // equality of booleans
  expect(loop(s)).toBeUndefined(); // nothing to do for each number
});

test("a kernel is plain data", () => {
  const w = input([2, 3]);
  const kernel = fuse({ arrays: { w }, scalars: {}, outputs: { w: square(w) } });
  expect(structuredClone(kernel)).toEqual(kernel);
});

test("a sum of squares is taken in double precision", () => {
  using state = createState([{ name: "g", dims: [5], arrays: ["grad"] }]);
  const { slices, bytes, memory } = state.rows[0]!;
  slices["grad"]!.data.set([1e4, 1e-2, 1e30, -3, 0]);
  const squares = instantiate(sumOfSquares(), memory);
  expect(squares(slices["grad"]!.offset, bytes)).toBeCloseTo(Math.fround(1e30) ** 2, -50);
  slices["grad"]!.data[2] = 0;
  expect(squares(slices["grad"]!.offset, bytes)).toBeCloseTo(1e8 + 9 + Math.fround(0.01) ** 2, 7);
});
