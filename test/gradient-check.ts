/** Is a vector-Jacobian product right? Compare it with a central difference, in float64. */
import { expect } from "vitest";
import { keyOf, normal } from "../src/random.ts";
import { compile } from "../src/runtime/compile.ts";
import { count } from "../src/tensor/dtype.ts";
import { type Float, grad, input, type Value } from "../src/tensor/index.ts";
import { add, mul, sum } from "../src/tensor/ops/index.ts";

export interface Case {
  readonly op: (...xs: Float[]) => Float;
  readonly shapes: readonly (readonly number[])[];
  /** Turns a normal number into one that the op is smooth at. */
  readonly at?: (x: number) => number;
}

export const positive = (x: number): number => 0.5 + Math.abs(x);
/** Away from 0, where an op has a corner. */
export const awayFromZero = (x: number): number => x + 0.2 * Math.sign(x);

const EPS = 1e-5;
const TOLERANCE = 1e-6;

export const f64 = (dims: readonly number[], data: Float64Array | readonly number[]): Value<"float64"> => ({
  dtype: "float64",
  dims,
  data: Float64Array.from(data),
});
export const f32 = (dims: readonly number[], data: ArrayLike<number>): Value<"float32"> => ({
  dtype: "float32",
  dims,
  data: Float32Array.from(data),
});

/** Normal numbers, the same at every run. */
export const normals = (dims: readonly number[], key: number): number[] =>
  Array.from({ length: count(dims) }, (_, i) => normal(key, i));

/**
 * Along random directions u: ⟨∇f(x), u⟩ = (f(x + εu) − f(x − εu)) / 2ε, where f(x) = Σ c ⊙ op(x), c random.
 * `twice` checks the gradient of ⟨∇f(x), second⟩ the same way.
 */
export async function checkGradient({ op, shapes, at = (x) => x }: Case, { twice = false } = {}): Promise<void> {
  const xs = shapes.map((s) => input(s, "float64") as Float);
  const second = shapes.map((s) => input(s, "float64") as Float);
  const y = op(...xs);
  const c = input(y.shape, "float64");
  const first = sum(mul(twice ? mul(y, y) : y, c)); // squared, so that a linear op has a second derivative
  const f = twice
    ? grad(first, xs)
        .map((g, i) => sum(mul(g, second[i]!)))
        .reduce((a, b) => add(a, b))
    : first;
  const inputs = { xs, c, ...(twice && { second }) };
  await using program = await compile(inputs, { f, grads: grad(f, xs) });

  const key = (name: string, i = 0) => keyOf(1, name, i);
  const x = shapes.map((s, i) => normals(s, key("x", i)).map(at));
  const fixed = {
    c: f64(y.shape as number[], normals(y.shape as number[], key("c"))),
    ...(twice && { second: shapes.map((s, i) => f64(s, normals(s, key("second", i)))) }),
  };
  for (let direction = 0; direction < 3; direction++) {
    const u = shapes.map((s, i) => normals(s, key("u", 10 * direction + i)));
    const run = (t: number) =>
      program({
        xs: shapes.map((s, i) =>
          f64(
            s,
            x[i]!.map((v, j) => v + t * u[i]![j]!),
          ),
        ),
        ...fixed,
      } as never);
    const analytic = (await run(0)).grads
      .map(({ data }, i) => u[i]!.reduce((total, v, j) => total + v * Number(data[j]), 0))
      .reduce((a, b) => a + b);
    const numeric = (Number((await run(EPS)).f.data[0]) - Number((await run(-EPS)).f.data[0])) / (2 * EPS);
    expect(Math.abs(analytic - numeric) / Math.max(1, Math.abs(analytic), Math.abs(numeric))).toBeLessThan(TOLERANCE);
  }
}
