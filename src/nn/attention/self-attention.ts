/** Tokens that read one another: three projections, heads apart, attention, heads side by side (Vaswani et al. 2017, §3.2.2). */
import { rearrange } from "../../tensor/ops/index.ts";
import type { Float } from "../../tensor/tensor.ts";
import { gate } from "../gate.ts";
import { type Attend, scaledDotProduct } from "./scaled-dot-product.ts";

type Projection = (x: Float) => Float;
interface Projections {
  readonly query: Projection;
  readonly key: Projection;
  readonly value: Projection;
}
interface SelfAttention {
  readonly heads: number;
  readonly mask?: Float | undefined;
  readonly attend?: Attend;
}

/**
 * x [B, T, C] → [B, T, C], before the output's projection, which is the caller's: checkpoints name it in many ways. Must be
 * called in the layer that the gate "heads" and the tap "attentions" are to belong to.
 */
export function selfAttention(
  { query, key, value }: Projections,
  x: Float,
  { heads, mask, attend = scaledDotProduct() }: SelfAttention,
): Float {
  const split = (y: Float) => rearrange(y, "b t (h d) -> b h t d", { h: heads });
  const y = attend(split(query(x)), split(key(x)), split(value(x)), mask);
  return rearrange(gate("heads", y, [heads, 1, 1]), "b h t d -> b t (h d)");
}
