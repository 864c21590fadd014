/** Multi-head attention with its four projections (Vaswani et al. 2017, arXiv:1706.03762, §3.2.2). */
import { rearrange } from "../../tensor/ops/index.ts";
import type { Float } from "../../tensor/tensor.ts";
import { gate } from "../gate.ts";
import { layer } from "../layer.ts";
import { linear } from "../linear.ts";
import { type Attend, scaledDotProduct } from "./scaled-dot-product.ts";

interface MultiHead {
  readonly heads: number;
  /** Fewer heads of keys and values than of queries: grouped-query attention; 1: multi-query. */
  readonly kvHeads?: number;
  readonly bias?: boolean;
  readonly attend?: Attend;
}

/**
 * x [B, T, dim] reads `source` [B, S, dim], itself unless given, where `mask` lets it (see Attend) → [B, T, dim].
 * Throws a RangeError where heads do not share the width evenly, or key heads the heads.
 */
export function multiHeadAttention(
  dim: number,
  { heads, kvHeads = heads, bias = true, attend = scaledDotProduct() }: MultiHead,
) {
  if (dim % heads !== 0 || heads % kvHeads !== 0)
    throw new RangeError(
      `multiHeadAttention: ${dim} numbers, ${heads} heads and ${kvHeads} key heads do not divide evenly`,
    );
  const kvDim = (dim / heads) * kvHeads;
  const parts = {
    q_proj: linear(dim, dim, { bias }),
    k_proj: linear(dim, kvDim, { bias }),
    v_proj: linear(dim, kvDim, { bias }),
    out_proj: linear(dim, dim, { bias }),
  };
  const split = (x: Float, h: number) => rearrange(x, "b t (h d) -> b h t d", { h });
  return layer(parts, ({ q_proj, k_proj, v_proj, out_proj }, x: Float, mask?: Float, source: Float = x) => {
    const y = attend(split(q_proj(x), heads), split(k_proj(source), kvHeads), split(v_proj(source), kvHeads), mask);
    return out_proj(rearrange(gate("heads", y, [heads, 1, 1]), "b h t d -> b t (h d)"));
  });
}
