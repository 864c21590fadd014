/** Low-rank adaptation: W x + (α / r) B A x, training only A and B (Hu et al. 2021, arXiv:2106.09685). */
import { add, matmul, mul, transpose } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { constant, uniform } from "./init.ts";
import { layer, type Param, param } from "./layer.ts";
import type { Stored } from "./linear.ts";

/** A linear layer, as an adapter needs it. */
export interface Adaptable {
  (x: Float): Float;
  weight: Param;
  bias?: Param;
  readonly stored: Stored;
}

interface LoraOptions {
  readonly rank?: number;
  readonly alpha?: number;
  /** What B A is multiplied by: α / √r in rank-stabilised adapters (Kalajdzievski 2023, arXiv:2312.03732). */
  readonly scale?: number;
  /** Whether B has a bias. */
  readonly bias?: boolean;
}

/**
 * `attn.c_attn = lora(attn.c_attn, { rank: 8 })`: the base's parameters keep their names, and the new ones have those of
 * PEFT's files: "…c_attn.lora_A.weight" [rank, in], "…c_attn.lora_B.weight" [out, rank].
 */
export function lora<B extends Adaptable>(
  base: B,
  { rank = 8, alpha = 16, scale = alpha / rank, bias = false }: LoraOptions = {},
) {
  const [m, n] = base.weight.shape as [number, number];
  const [inDim, outDim] = base.stored === "out-in" ? [n, m] : [m, n];
  const b: { weight: Param; bias?: Param } = { weight: param([outDim, rank], constant(0)) };
  if (bias) b.bias = param([outDim], constant(0));
  const parts = {
    ...(base as { weight: Param; bias?: Param; stored: Stored }),
    lora_A: { weight: param([rank, inDim], uniform(1 / Math.sqrt(inDim))) },
    lora_B: b,
  };
  return layer(parts, ({ lora_A, lora_B }, x: Float) => {
    const low = matmul(x, transpose(lora_A.weight)); // [..., rank]
    const back = matmul(low, transpose(lora_B.weight));
    return add(base(x), mul(scale, lora_B.bias ? add(back, lora_B.bias) : back));
  }) as typeof parts & B;
}

/** Is this part of a model one that an adapter can be put on? */
export const isAdaptable = (part: unknown): part is Adaptable => typeof part === "function" && "stored" in part;
