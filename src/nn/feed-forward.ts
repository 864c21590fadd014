/** Position-wise feed-forward networks. */
import { mul } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import type { Activation } from "./activation.ts";
import type { InitialValue } from "./init.ts";
import { layer } from "./layer.ts";
import { linear } from "./linear.ts";

/** down(act(up(x))) (Vaswani et al. 2017, §3.3). x [..., dim] → [..., hidden] → [..., dim]. */
export const feedForward = (dim: number, hidden: number, activation: Activation) =>
  layer({ up: linear(dim, hidden), down: linear(hidden, dim) }, ({ up, down }, x: Float) => down(activation(up(x))));

interface Gated {
  readonly bias?: boolean;
  readonly init?: InitialValue;
}

/** down(act(gate(x)) · up(x)) (Shazeer 2020, arXiv:2002.05202), under the names of Llama's checkpoints. x [..., dim]. */
export function gatedFeedForward(
  dim: number,
  hidden: number,
  activation: Activation,
  { bias = false, init }: Gated = {},
) {
  const options = { bias, ...(init && { init }) };
  const parts = {
    gate_proj: linear(dim, hidden, options),
    up_proj: linear(dim, hidden, options),
    down_proj: linear(hidden, dim, options),
  };
  return layer(parts, ({ gate_proj, up_proj, down_proj }, x: Float) =>
    down_proj(mul(activation(gate_proj(x)), up_proj(x))),
  );
}
