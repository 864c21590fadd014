/**
 * Causal self-attention whose queries, keys and values come of one product, group by group, under the names of
 * GPT-NeoX's and Falcon's checkpoints.
 */
import { rearrange, split } from "../../tensor/ops/index.ts";
import type { Float } from "../../tensor/tensor.ts";
import { gate } from "../gate.ts";
import type { InitialValue } from "../init.ts";
import { layer } from "../layer.ts";
import { linear } from "../linear.ts";
import { type Rotation, rotate } from "../position/rotary.ts";
import { type KeyValue, remember } from "./cache.ts";
import type { Attend } from "./scaled-dot-product.ts";

interface Fused {
  readonly heads: number;
  /** Divides `heads`. The product has, for each of them, its group's queries, one key and one value. */
  readonly kvHeads: number;
  readonly bias: boolean;
  readonly init: InitialValue;
  readonly attend: Attend;
}

/**
 * x [B, T, dim] reads itself where `mask` lets it (see Attend), its own keys and values behind those of `past` →
 * [B, T, dim]. Queries and keys turn where there is a rotation.
 */
export function fusedGroupedQueryAttention(dim: number, { heads, kvHeads, attend, ...options }: Fused) {
  const D = dim / heads;
  const parts = {
    query_key_value: linear(dim, dim + 2 * kvHeads * D, options),
    dense: linear(dim, dim, options),
  };
  return layer(parts, (p, x: Float, mask: Float, rotation?: Rotation, past?: KeyValue) => {
    const groups = rearrange(p.query_key_value(x), "b t (g n d) -> b t g n d", { g: kvHeads, d: D });
    const [q, k, v] = split(groups, [heads / kvHeads, 1, 1], 3).map((each) =>
      rearrange(each, "b t g n d -> b (g n) t d"),
    );
    const turn = (each: Float) => (rotation ? rotate(each, rotation) : each);
    const y = attend(turn(q!), ...remember(past, turn(k!), v!), mask); // [B, H, T, D]
    return p.dense(rearrange(gate("heads", y, [heads, 1, 1]), "b h t d -> b t (h d)"));
  });
}
