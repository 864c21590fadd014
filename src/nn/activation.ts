/** Activations, under the names that `config.json` gives them. */
import {
  add,
  clip,
  div,
  erf,
  gelu,
  geluTanh,
  mul,
  relu,
  sigmoid,
  silu,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
} from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";

export type Activation = (x: Float) => Float;

/** By Hugging Face's names: transformers' ACT2FN, but for the two that have parameters of their own (prelu, xielu). */
export const activations = {
  gelu,
  gelu_10: (x) => clip(gelu(x), -10, 10),
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_accurate: geluTanh,
  gelu_python_tanh: geluTanh,
  /** The cheapest approximation of GELU (Hendrycks & Gimpel 2016, arXiv:1606.08415, §2); CLIP's. */
  quick_gelu: (x) => mul(x, sigmoid(mul(1.702, x))),
  relu,
  relu2: (x) => square(relu(x)),
  relu6,
  leaky_relu: (x) => sub(relu(x), mul(0.01, relu(mul(-1, x)))),
  /** MobileNetV3's (Howard et al. 2019, arXiv:1905.02244, §5.2). */
  hardswish: (x) => div(mul(x, relu6(add(x, 3))), 6),
  silu,
  swish: silu,
  mish: (x) => mul(x, tanh(softplus(x))),
  sigmoid,
  /** Φ(√(4π) (x − √½)), a smooth relu2 that ends at 1 (MEGA: Ma et al. 2022, arXiv:2209.10655, §3.2). */
  laplace: (x) => mul(0.5, add(1, erf(mul(Math.sqrt(2 * Math.PI), sub(x, Math.SQRT1_2))))),
  sqrtsoftplus: (x) => sqrt(softplus(x)),
  tanh,
  linear: (x) => add(x, 0),
} satisfies Record<string, Activation>;

function relu6(x: Float): Float {
  return clip(x, 0, 6);
}

export type ActivationName = keyof typeof activations;
export const activationNames = Object.keys(activations) as ActivationName[];
