/** Adam: steps scaled by running averages of the gradient and of its square (Kingma & Ba 2015, arXiv:1412.6980). */
import { add, div, mul, sqrt, square, sub, tanh } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { checkSettings, type Optimizer } from "./optimizer.ts";

/**
 * Algorithm 1 of the paper; its numbers are torch.optim.Adam's. `weightDecay` λ is an L2 penalty: λ w is added to the
 * gradient, and so goes through the averages; see `adamw` for the kind that does not.
 * Throws a RangeError for settings out of range.
 */
export function adam({ beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0 } = {}): Optimizer {
  checkSettings("adam", { beta1, beta2 }, { high: 1 });
  checkSettings("adam", { eps, weightDecay });
  return {
    slots: ["m", "v"],
    update(w, grad, [m0, v0], { lr, t }) {
      const g = weightDecay === 0 ? grad : add(grad, mul(weightDecay, w));
      const m = average(m0!, g, beta1);
      const v = average(v0!, square(g), beta2);
      const mHat = div(m, unbias(beta1, t));
      const vHat = div(v, unbias(beta2, t));
      return { w: sub(w, mul(lr, div(mHat, add(sqrt(vHat), eps)))), slots: [m, v] };
    },
  };
}

const average = (old: Float, x: Float, beta: number) => add(mul(beta, old), mul(1 - beta, x));

/** 1 − βᵗ as 2 tanh y / (1 + tanh y), y = −t ln β / 2: in float32 the plain form loses four digits where β is near 1. */
function unbias(beta: number, t: Float): Float {
  const half = tanh(mul(-Math.log(beta) / 2, t));
  return div(mul(2, half), add(1, half));
}
