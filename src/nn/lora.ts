/** Low-rank adaptation: W x + (α / r) B A x, training only A and B (Hu et al. 2021, arXiv:2106.09685). */
import { add, matmul, mul, transpose } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { constant, uniform } from "./init.ts";
import { layer, type Param, param } from "./layer.ts";

interface Base {
  (x: Float): Float;
  weight: Param;
  bias?: Param;
}

/**
 * `attn.c_attn = lora(attn.c_attn, { rank: 8 })`: the base's parameters keep their names, and the new ones have those of
 * PEFT's files: "…c_attn.lora_A.weight" [rank, in], "…c_attn.lora_B.weight" [out, rank]. `stored` says how the base lies:
 * "out-in" as torch.nn.Linear, "in-out" as GPT-2's Conv1D.
 */
export function lora<B extends Base>(base: B, { rank = 8, alpha = 16, stored = "out-in" as "out-in" | "in-out" } = {}) {
  const [m, n] = base.weight.shape as [number, number];
  const [inDim, outDim] = stored === "out-in" ? [n, m] : [m, n];
  const parts = {
    ...(base as { weight: Param; bias?: Param }),
    lora_A: { weight: param([rank, inDim], uniform(1 / Math.sqrt(inDim))) },
    lora_B: { weight: param([outDim, rank], constant(0)) },
  };
  return layer(parts, ({ lora_A, lora_B }, x: Float) => {
    const low = matmul(x, transpose(lora_A.weight)); // [..., rank]
    return add(base(x), mul(alpha / rank, matmul(low, transpose(lora_B.weight))));
  }) as typeof parts & B;
}
