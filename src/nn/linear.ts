/** Linear maps: the two ways that checkpoints store them. */
import { add, matmul, transpose } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { constant, type InitialValue, normal, uniform } from "./init.ts";
import { layer, type Param, param } from "./layer.ts";

/** How a weight lies in its file: [out, in] as torch.nn.Linear's, [in, out] as that of GPT-2's Conv1D. */
export type Stored = "out-in" | "in-out";

interface LinearOptions {
  readonly bias?: boolean;
  readonly init?: InitialValue;
}

/**
 * y = x Wᵀ + b, with W [out, in] as in torch.nn.Linear. x [..., in] → [..., out].
 * Unless told otherwise W and b are uniform in ±1/√in, as PyTorch's are; with `init`, b is 0.
 */
export function linear(inDim: number, outDim: number, { bias = true, init }: LinearOptions = {}) {
  const bound = uniform(1 / Math.sqrt(inDim));
  const weight = param([outDim, inDim], init ?? bound);
  const parts: { weight: Param; bias?: Param; stored: Stored } = { weight, stored: "out-in" };
  if (bias) parts.bias = param([outDim], init ? constant(0) : bound);
  return layer(parts, ({ weight, bias }, x: Float) => {
    const y = matmul(x, transpose(weight));
    return bias ? add(y, bias) : y;
  });
}
export type Linear = ReturnType<typeof linear>;

/** y = x W + b, with W [in, out]: GPT-2's checkpoints store it so. x [..., in] → [..., out]. */
export const conv1d = (inDim: number, outDim: number, { init = normal(0.02) } = {}) => {
  const parts = {
    weight: param([inDim, outDim], init),
    bias: param([outDim], constant(0)),
    stored: "in-out" as Stored,
  };
  return layer(parts, ({ weight, bias }, x: Float) => add(matmul(x, weight), bias));
};
