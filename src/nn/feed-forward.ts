/** The position-wise feed-forward network: down(act(up(x))) (Vaswani et al. 2017, §3.3). */
import type { Float } from "../tensor/tensor.ts";
import type { Activation } from "./activation.ts";
import { layer } from "./layer.ts";
import { linear } from "./linear.ts";

/** x [..., dim] → [..., hidden] → [..., dim]. */
export const feedForward = (dim: number, hidden: number, activation: Activation) =>
  layer({ up: linear(dim, hidden), down: linear(hidden, dim) }, ({ up, down }, x: Float) => down(activation(up(x))));
