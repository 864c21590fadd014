/** Gradient clipping (Pascanu et al. 2013, arXiv:1211.5063): by the norm of all gradients together, or each number. */
import { add, div, maximum, minimum, mul, neg, sqrt, square, sum } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";

/** Added to the norm before dividing by it, as torch.nn.utils.clip_grad_norm_ does. */
const EPS = 1e-6;

/** What to multiply every gradient by, so that their norm, now `norm`, is at most `maxNorm`. */
export const clipScale = (norm: number, maxNorm: number): number => Math.min(1, maxNorm / (norm + EPS));

/** √Σg² over all numbers of all gradients: []. */
export const globalNorm = (grads: readonly Float[]): Float =>
  sqrt(grads.map((g) => sum(square(g))).reduce((a, b) => add(a, b)));

/** The gradients, scaled by one number so that their norm together is at most `maxNorm`. */
export function clipByGlobalNorm(grads: readonly Float[], maxNorm: number): Float[] {
  const scale = minimum(1, div(maxNorm, add(globalNorm(grads), EPS)));
  return grads.map((g) => mul(g, scale));
}

/** The gradient with each number held between −limit and limit; `limit` is a number or []. */
export function clipByValue(grad: Float, limit: Float | number): Float {
  return maximum(minimum(grad, limit), typeof limit === "number" ? -limit : neg(limit));
}
