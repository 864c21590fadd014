/** Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1), with grouped heads (Ainslie et al. 2023, arXiv:2305.13245). */
import { add, matmul, mul, rearrange, softmax, transpose } from "../../tensor/ops/index.ts";
import { type Float, shapeError, show, sizes } from "../../tensor/tensor.ts";
import { tap } from "../../tensor/trace.ts";
import { type Attended, inCausalBlocks, isWorthCutting } from "./causal-blocks.ts";
import type { Mask } from "./mask.ts";

/**
 * How positions read one another. q [B, H, T, D], k and v [B, G, S, D] with G dividing H, and what is added to the
 * scores, e.g. [T, S] or [B, 1, 1, S]: 0 where a query may look, −1e30 where it may not → [B, H, T, D].
 */
export type Attend = (q: Float, k: Float, v: Float, mask?: Mask) => Float;

interface ScaledDotProduct {
  readonly scale?: number;
  /** Of the weights. */
  readonly dropout?: (weights: Float) => Float;
  /** Of the scores, before the mask. */
  readonly squash?: (scores: Float) => Float;
}

/**
 * softmax(Q Kᵀ · scale + mask) V; the scale is 1 / √D unless given. For a query from which a mask hides every key (one of
 * padding on the left), all weigh the same: its result is their values' mean, and nothing real reads it.
 */
export const scaledDotProduct =
  ({ scale, dropout = (x) => x, squash = (x) => x }: ScaledDotProduct = {}): Attend =>
  (q, k, v, mask) => {
    const [, H, , D] = sizes(q, "B H T D");
    const [, G] = sizes(k, "B G S D");
    if (typeof D !== "number" || typeof H !== "number" || typeof G !== "number" || H % G !== 0)
      throw shapeError("attention", `${show(q)} and ${show(k)}: ${H} query heads do not share ${G} key heads evenly`);
    const attend = (q: Float, k: Float, v: Float, mask?: Float): Attended => {
      const scaled = mul(q, scale ?? 1 / Math.sqrt(D));
      const scores = squash(grouped(scaled, transpose(k))); // [B, H, T, S]
      const weights = softmax(mask ? add(scores, mask) : scores);
      return { y: grouped(dropout(weights), v), weights };
    };
    const { y, weights } =
      mask?.causal && isWorthCutting(mask) ? inCausalBlocks(attend, [q, k, v], mask) : attend(q, k, v, mask);
    tap("attentions", weights, { axes: ["batch", "head", "query", "key"], domain: "probability" });
    return y;
  };

/** [B, H, M, K] · [B, G, K, N] → [B, H, M, N]: each run of H / G heads shares one matrix. */
function grouped(a: Float, b: Float): Float {
  const g = b.shape[1]!;
  if (a.shape[1] === g) return matmul(a, b);
  const product = matmul(rearrange(a, "b (g r) m k -> b g (r m) k", { g }), b);
  return rearrange(product, "b g (r m) n -> b (g r) m n", { m: a.shape[2]! });
}
