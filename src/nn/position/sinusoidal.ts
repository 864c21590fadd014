/** Sinusoidal positions (Vaswani et al. 2017, arXiv:1706.03762, §3.5): nothing is learned. */
import { cast, concat, cos, iota, mul, reshape, sin } from "../../tensor/ops/index.ts";
import { constant, type Dim, type Float } from "../../tensor/tensor.ts";

/**
 * [count, dim]: position p has sin(p · ωᵢ) and cos(p · ωᵢ), ωᵢ = 10,000^(−2i / dim), sines and cosines side by side
 * ("interleaved", the paper) or all sines first ("halves", Marian and BART).
 */
export function sinusoidalPositions(count: Dim, dim: number, layout: "interleaved" | "halves" = "interleaved"): Float {
  const half = dim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => 10_000 ** ((-2 * i) / dim));
  const angles = mul(reshape(cast(iota(count), "float32"), [count, 1]), constant("float32", [1, half], frequencies));
  const [s, c] = [sin(angles), cos(angles)];
  if (layout === "halves") return concat([s, c], 1);
  return reshape(concat([reshape(s, [count, half, 1]), reshape(c, [count, half, 1])], 2), [count, dim]);
}
