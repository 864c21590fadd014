/**
 * An optimizer is one pure update rule over tensors. It holds no numbers: what it keeps between steps are slots, which
 * whoever owns the memory feeds in and takes out. A rule of elementwise operators runs as one loop in place.
 */
import type { Float, Shape } from "../tensor/tensor.ts";

export interface Optimizer {
  /** Tensors kept for each parameter, of its shape, zero before the first step: Adam's are ["m", "v"]. */
  readonly slots: readonly string[];
  /** The next value of `w` and of its slots, in the order of their names. All are of one dtype and of `w`'s shape. */
  update(w: Float, grad: Float, slots: readonly Float[], at: Moment): Updated;
}

/** Scalars fed at every step, of the weights' dtype. */
export interface Moment {
  /** The learning rate of this step. */
  readonly lr: Float;
  /** The number of this step, from 1. */
  readonly t: Float;
}

export interface Updated {
  readonly w: Float;
  readonly slots: readonly Float[];
}

/** The rule that each parameter follows. */
export type OptimizerOf = (name: string, shape: Shape) => Optimizer;

/** Throws a RangeError that names a setting outside [low, high). */
export function checkSettings(
  rule: string,
  settings: Readonly<Record<string, number>>,
  { low = 0, high = Infinity } = {},
): void {
  for (const [name, x] of Object.entries(settings))
    if (!(x >= low && x < high)) throw new RangeError(`${rule}: ${name} must be in [${low}, ${high}), got ${x}`);
}
