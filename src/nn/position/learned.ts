/** Learned positions: a vector for each place in the sequence, as in BERT and GPT-2 (Gehring et al. 2017, arXiv:1705.03122). */
import { add, gather, iota } from "../../tensor/ops/index.ts";
import { type Float, sizes } from "../../tensor/tensor.ts";
import { normal } from "../init.ts";
import { layer, param } from "../layer.ts";

/** x [B, T, dim], T ≤ count → x plus a vector for each of its T places. */
export const learnedPositions = (count: number, dim: number, { init = normal(0.02) } = {}) =>
  layer({ weight: param([count, dim], init) }, ({ weight }, x: Float) => {
    const [, T] = sizes(x, "B T C");
    return add(x, gather(weight, iota(T)));
  });
