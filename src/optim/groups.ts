/** Parameter groups: which rule each parameter follows, and at which share of the learning rate. */
import { mul } from "../tensor/ops/index.ts";
import type { Shape } from "../tensor/tensor.ts";
import { checkSettings, type Optimizer, type OptimizerOf } from "./optimizer.ts";

export interface Group {
  readonly where: (name: string, shape: Shape) => boolean;
  readonly optimizer: Optimizer;
  /** The group's learning rate as a share of the one fed at each step: 0.9 ** depth for layer-wise decay. */
  readonly lrScale?: number;
}

/**
 * Each parameter follows the first group that takes it:
 * `groups([{ where: (name) => name.startsWith("head."), optimizer: sgd() }, { where: () => true, optimizer: adamw() }])`.
 * Its slots are those of its own rule. Throws a RangeError for a negative scale, and, for a parameter that no group
 * takes, an Error that names it.
 */
export function groups(list: readonly Group[]): OptimizerOf {
  const rules = list.map(({ where, optimizer, lrScale = 1 }) => ({ where, rule: atScale(optimizer, lrScale) }));
  return (name, shape) => {
    const group = rules.find(({ where }) => where(name, shape));
    if (group) return group.rule;
    throw new Error(
      `groups: none of ${list.length} takes ${name} [${shape.join(", ")}]; freeze it, or end with { where: () => true, … }`,
    );
  };
}

function atScale(optimizer: Optimizer, lrScale: number): Optimizer {
  checkSettings("groups", { lrScale });
  if (lrScale === 1) return optimizer;
  return {
    slots: optimizer.slots,
    update: (w, grad, slots, { lr, t }) => optimizer.update(w, grad, slots, { lr: mul(lr, lrScale), t }),
  };
}

/**
 * `rule` with these options for matrices and larger, and without weight decay for vectors and scalars, which in a
 * Transformer are its biases and norms: `noDecayForBiasesAndNorms(adamw, { beta2: 0.95, weightDecay: 0.1 })`.
 */
export const noDecayForBiasesAndNorms = <Options extends { readonly weightDecay?: number }>(
  rule: (options: Options) => Optimizer,
  options: Options,
): OptimizerOf =>
  groups([
    { where: (_, shape) => shape.length < 2, optimizer: rule({ ...options, weightDecay: 0 }) },
    { where: () => true, optimizer: rule(options) },
  ]);
