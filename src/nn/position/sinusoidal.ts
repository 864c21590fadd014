/** Sinusoidal positions (Vaswani et al. 2017, arXiv:1706.03762, §3.5): nothing is learned. */
import { constant, type Float } from "../../tensor/tensor.ts";

/**
 * [count, dim], to read rows from: position p has sin(p · ωᵢ) and cos(p · ωᵢ), ωᵢ = 10,000^(−2i / dim), sines and cosines
 * side by side ("interleaved", the paper) or all sines first ("halves", Marian and Pegasus). Computed in float64: in
 * float32 an angle of 1,000 is off by 3e-5. Throws a RangeError for an odd dim.
 */
export function sinusoidalPositions(
  count: number,
  dim: number,
  { layout = "interleaved" as "interleaved" | "halves" } = {},
): Float {
  if (dim % 2 !== 0) throw new RangeError(`sinusoidalPositions: dim ${dim} is odd; sines and cosines come in pairs`);
  const half = dim / 2;
  const table = new Float32Array(count * dim);
  for (let p = 0; p < count; p++)
    for (let i = 0; i < half; i++) {
      const angle = p * 10_000 ** ((-2 * i) / dim);
      const [sinAt, cosAt] = layout === "halves" ? [i, half + i] : [2 * i, 2 * i + 1];
      table[p * dim + sinAt] = Math.sin(angle);
      table[p * dim + cosAt] = Math.cos(angle);
    }
  return constant("float32", [count, dim], table);
}
