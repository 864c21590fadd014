/** Activations, under the names that `config.json` gives them. */
import { add, clip, gelu, geluTanh, mul, relu, sigmoid, silu, softplus, square, tanh } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";

export type Activation = (x: Float) => Float;

/** By Hugging Face's names (transformers' ACT2FN). */
export const activations = {
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  gelu_accurate: geluTanh,
  gelu_python_tanh: geluTanh,
  quick_gelu: (x) => mul(x, sigmoid(mul(1.702, x))),
  relu,
  relu2: (x) => square(relu(x)),
  relu6: (x) => clip(x, 0, 6),
  silu,
  swish: silu,
  mish: (x) => mul(x, tanh(softplus(x))),
  sigmoid,
  tanh,
  linear: (x) => add(x, 0),
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
export const activationNames = Object.keys(activations) as ActivationName[];
