/**
 * Causal self-attention of today's decoders: rotary positions, and fewer heads of keys and values than of queries
 * (Ainslie et al. 2023, arXiv:2305.13245), under the names of Llama's checkpoints.
 */
import { rearrange } from "../../tensor/ops/index.ts";
import type { Float } from "../../tensor/tensor.ts";
import { gate } from "../gate.ts";
import type { InitialValue } from "../init.ts";
import { layer } from "../layer.ts";
import { linear } from "../linear.ts";
import { type Rotation, rotate } from "../position/rotary.ts";
import { type KeyValue, remember } from "./cache.ts";
import { type Attend, scaledDotProduct } from "./scaled-dot-product.ts";

interface GroupedQuery<Norm extends object> {
  readonly heads: number;
  /** Divides `heads`. */
  readonly kvHeads: number;
  readonly headSize: number;
  /** Of queries, keys and values. */
  readonly bias?: boolean;
  readonly outBias?: boolean;
  readonly init?: InitialValue;
  readonly attend?: Attend;
  /** Of each head's query and key, before they turn. */
  readonly norms?: { readonly q_norm: Norm; readonly k_norm: Norm };
}

type PerHead = (x: Float) => Float;

/** x [B, T, dim] reads itself where `mask` lets it (see Attend), its own keys and values behind those of `past` → [B, T, dim]. */
export function groupedQueryAttention<Norm extends PerHead & object>(
  dim: number,
  { heads, kvHeads, headSize, bias = false, outBias = bias, attend = scaledDotProduct(), ...more }: GroupedQuery<Norm>,
) {
  const init = more.init ? { init: more.init } : {};
  const parts = {
    q_proj: linear(dim, heads * headSize, { bias, ...init }),
    k_proj: linear(dim, kvHeads * headSize, { bias, ...init }),
    v_proj: linear(dim, kvHeads * headSize, { bias, ...init }),
    o_proj: linear(heads * headSize, dim, { bias: outBias, ...init }),
    ...(more.norms as { readonly q_norm?: PerHead; readonly k_norm?: PerHead } | undefined),
  };
  const split = (x: Float, h: number) => rearrange(x, "b t (h d) -> b h t d", { h });
  const same: PerHead = (x) => x;
  return layer(parts, (own, x: Float, mask: Float, rotation: Rotation | undefined, past?: KeyValue) => {
    const { q_proj, k_proj, v_proj, o_proj, q_norm = same, k_norm = same } = own;
    const turn = (each: Float) => (rotation ? rotate(each, rotation) : each);
    const q = turn(q_norm(split(q_proj(x), heads))); // [B, H, T, D]
    const k = turn(k_norm(split(k_proj(x), kvHeads))); // [B, G, T, D]
    const y = attend(q, ...remember(past, k, split(v_proj(x), kvHeads)), mask);
    return o_proj(rearrange(gate("heads", y, [heads, 1, 1]), "b h t d -> b t (h d)"));
  });
}
