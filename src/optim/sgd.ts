/**
 * Stochastic gradient descent with momentum (Polyak 1964; Sutskever et al. 2013, "On the importance of initialization and
 * momentum in deep learning", for Nesterov's form). Its numbers are torch.optim.SGD's.
 */
import { add, minimum, mul, sub } from "../tensor/ops/index.ts";
import { checkSettings, type Optimizer } from "./optimizer.ts";

/**
 * `weightDecay` λ is an L2 penalty: λ w is added to the gradient. The momentum buffer begins as the first gradient;
 * from the second step on it is momentum · buffer + (1 − dampening) · gradient.
 * Throws a RangeError for settings out of range, and where Nesterov's form has no momentum or has dampening.
 */
export function sgd({ momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = {}): Optimizer {
  checkSettings("sgd", { momentum, weightDecay });
  checkSettings("sgd", { dampening }, { high: 1 });
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new RangeError(
      `sgd: Nesterov's form needs momentum > 0 and dampening 0, got momentum ${momentum} and dampening ${dampening}`,
    );
  return {
    slots: momentum === 0 ? [] : ["momentum"],
    update(w, grad, [buffer], { lr, t }) {
      const g = weightDecay === 0 ? grad : add(grad, mul(weightDecay, w));
      if (!buffer) return { w: sub(w, mul(lr, g)), slots: [] };
      const later = minimum(1, sub(t, 1)); // 0 at the first step, else 1
      const velocity = add(mul(momentum, buffer), mul(sub(1, mul(dampening, later)), g));
      const step = nesterov ? add(g, mul(momentum, velocity)) : velocity;
      return { w: sub(w, mul(lr, step)), slots: [velocity] };
    },
  };
}
