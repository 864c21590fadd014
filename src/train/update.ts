/**
 * An update rule for parameters of one shape, as data: a loop in place if the rule is elementwise, else a program, which
 * is what the loop means. Both take the gradient as it was computed, and scale and clip it first.
 */
import { type OnnxProgram, toOnnx } from "../onnx/lower.ts";
import { clipByValue } from "../optim/clip.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { fuse, type Kernel } from "../runtime/kernel.ts";
import { scalarsOf } from "../runtime/scalars.ts";
import { mul } from "../tensor/ops/index.ts";
import { type Float, input, scalar, show } from "../tensor/tensor.ts";

export type Update = { readonly slots: readonly string[] } & (
  | {
      readonly kernel: Kernel;
      /** The same for weights whose gradient and slots are 0, where the rule leaves the slots so: it takes nothing else. */
      readonly idle?: Kernel;
    }
  | { readonly program: OnnxProgram }
);

/** Fed at every step: `scale` multiplies the gradient, which is then held between ±`limit`. */
export interface UpdateScalars {
  readonly lr: number;
  readonly t: number;
  readonly scale: number;
  readonly limit: number;
}

/** The names of an update program's results: what overwrites the array "m" is "next/m". */
export const nextOf = (array: string): string => `next/${array}`;

/** As a loop where that can be. Throws an Error that names the parameter if the rule's results do not fit it. */
export function updateOf(optimizer: Optimizer, name: string, dims: readonly number[]): Update {
  const graph = traceRule(optimizer, name, dims);
  const kernel = fuse(graph);
  if (!kernel) return { slots: optimizer.slots, program: programOf(graph) };
  const idle = idleOf(optimizer, dims);
  return { slots: optimizer.slots, kernel, ...(idle && { idle }) };
}

/** Of an elementwise rule. */
function idleOf(optimizer: Optimizer, dims: readonly number[]): Kernel | undefined {
  const weight = input(dims);
  const scalars = { lr: input([]), t: input([]) };
  const zeros = optimizer.slots.map(() => scalar(0));
  const next = optimizer.update(weight, scalar(0), zeros, scalars);
  const loop = (w: Float) => fuse({ arrays: { weight }, scalars, outputs: { weight: w } });
  const stays = (slot: Float) => {
    const kernel = slot.shape.length === 0 ? loop(mul(weight, slot)) : undefined; // it takes the slot, and nothing else
    return kernel && [1, 2, 1000].every((t) => scalarsOf(kernel, { lr: 0.1, t }).every((value) => value === 0));
  };
  return next.slots.every(stays) ? loop(next.w) : undefined;
}

/** The rule as a program, (weight, grad, slots, lr, t, scale, limit) → (weight, slots), whether it is elementwise or not. */
export const updateProgram = (optimizer: Optimizer, name: string, dims: readonly number[]): OnnxProgram =>
  programOf(traceRule(optimizer, name, dims));

type Graph = Parameters<typeof fuse>[0];

const programOf = ({ arrays, scalars, outputs }: Graph): OnnxProgram =>
  toOnnx(
    { ...arrays, ...scalars },
    Object.fromEntries(Object.entries(outputs).map(([array, y]) => [nextOf(array), y])),
  );

function traceRule(optimizer: Optimizer, name: string, dims: readonly number[]): Graph {
  const [weight, grad] = [input(dims), input(dims)];
  const slots = optimizer.slots.map((): Float => input(dims));
  const [lr, t, scale, limit] = [input([]), input([]), input([]), input([])];
  const next = optimizer.update(weight, clipByValue(mul(grad, scale), limit), slots, { lr, t });
  checkRule(optimizer, name, weight, [next.w, ...next.slots]);
  const named = (values: readonly Float[]) => Object.fromEntries(optimizer.slots.map((slot, i) => [slot, values[i]!]));
  return {
    arrays: { weight, grad, ...named(slots) },
    scalars: { lr, t, scale, limit },
    outputs: { weight: next.w, ...named(next.slots) },
  };
}

const RESERVED = ["weight", "grad", "lr", "t", "scale", "limit"];

function checkRule({ slots }: Optimizer, name: string, weight: Float, next: readonly Float[]): void {
  const arrays = ["weight", ...slots];
  const taken = slots.find((slot, i) => RESERVED.includes(slot) || slots.indexOf(slot) !== i || slot.includes("/"));
  if (taken !== undefined)
    throw new Error(
      `optimizer: a slot cannot be called "${taken}": slots differ, have no "/" and are none of ${RESERVED.join(", ")}`,
    );
  if (next.length !== arrays.length)
    throw new Error(`optimizer: the rule of ${name} has ${slots.length} slots and returns ${next.length - 1}`);
  for (const [i, y] of next.entries())
    if (show(y) !== show(weight))
      throw new Error(
        `optimizer: the rule of ${name} takes "${arrays[i]}" as ${show(weight)} and returns it as ${show(y)}`,
      );
}
