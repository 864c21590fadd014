/** L1 regularisation: a constant pull towards zero, which drives weights that matter little there (Tibshirani 1996, lasso). */
import { add, mul, sign } from "../tensor/ops/index.ts";
import { checkSettings, type Optimizer } from "./optimizer.ts";

/**
 * `optimizer` on the loss plus `lambda` · Σ|w|: λ sign(w) is added to the gradient, 0 at w = 0. It is added after
 * clipping, and inside the rule: momentum and Adam's averages see it. Weights come near 0 and swing around it by about
 * lr · λ; they do not stay exactly there, as those of a proximal method do. Throws a RangeError for a negative λ.
 */
export function l1(optimizer: Optimizer, lambda: number): Optimizer {
  checkSettings("l1", { lambda });
  return {
    slots: optimizer.slots,
    update: (w, grad, slots, at) => optimizer.update(w, add(grad, mul(lambda, sign(w))), slots, at),
  };
}
