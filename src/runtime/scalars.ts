/** What a kernel computes once, in double precision, before its loop: bias corrections, learning rate times decay. */
import type { Kernel } from "./kernel.ts";

/** A number fed by name, a constant, or an operator on the scalars before it, by their place in the list. */
export type Scalar =
  | { readonly input: string }
  | { readonly value: number }
  | { readonly op: string; readonly args: readonly number[] };

/** ONNX's operators on numbers. A boolean is 0 or 1. */
export const scalarOps: Readonly<Record<string, (...args: readonly number[]) => number>> = {
  Abs: (x) => Math.abs(x!),
  Neg: (x) => -x!,
  Sign: (x) => Math.sign(x!),
  Sqrt: (x) => Math.sqrt(x!),
  Exp: (x) => Math.exp(x!),
  Log: (x) => Math.log(x!),
  Tanh: (x) => Math.tanh(x!),
  Floor: (x) => Math.floor(x!),
  Reciprocal: (x) => 1 / x!,
  Add: (a, b) => a! + b!,
  Sub: (a, b) => a! - b!,
  Mul: (a, b) => a! * b!,
  Div: (a, b) => a! / b!,
  Pow: (a, b) => a! ** b!,
  Min: (a, b) => Math.min(a!, b!),
  Max: (a, b) => Math.max(a!, b!),
  Clip: (x, low, high) => Math.min(Math.max(x!, low!), high!),
  Equal: (a, b) => Number(a === b),
  Less: (a, b) => Number(a! < b!),
  Greater: (a, b) => Number(a! > b!),
  LessOrEqual: (a, b) => Number(a! <= b!),
  GreaterOrEqual: (a, b) => Number(a! >= b!),
  Not: (a) => 1 - a!,
  And: (a, b) => a! * b!,
  Or: (a, b) => Math.max(a!, b!),
  Where: (condition, a, b) => (condition === 0 ? b! : a!),
  Cast: (a) => a!,
};

/** The values that a kernel's code takes, for these fed ones (lr, t, …). */
export function scalarsOf({ scalars, passed }: Kernel, fed: Readonly<Record<string, number>>): number[] {
  const values: number[] = [];
  for (const scalar of scalars) {
    if ("input" in scalar) values.push(fed[scalar.input]!);
    else if ("value" in scalar) values.push(scalar.value);
    else values.push(scalarOps[scalar.op]!(...scalar.args.map((i) => values[i]!)));
  }
  return passed.map((i) => values[i]!);
}
