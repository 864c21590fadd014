/** AdamW: Adam with weight decay beside the gradient instead of inside it (Loshchilov & Hutter 2019, arXiv:1711.05101). */
import { mul, sub } from "../tensor/ops/index.ts";
import { adam } from "./adam.ts";
import { checkSettings, type Optimizer } from "./optimizer.ts";

/**
 * Algorithm 2 of the paper, in the form of torch.optim.AdamW, whose numbers it has: w shrinks by lr · weightDecay, then
 * takes Adam's step. Every parameter decays; `noDecayForBiasesAndNorms` makes the usual exception.
 * Throws a RangeError for settings out of range.
 */
export function adamw({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01 } = {}): Optimizer {
  checkSettings("adamw", { weightDecay });
  const { slots, update } = adam({ beta1, beta2, eps });
  return {
    slots,
    update: (w, grad, slots, at) => update(mul(w, sub(1, mul(at.lr, weightDecay))), grad, slots, at),
  };
}
