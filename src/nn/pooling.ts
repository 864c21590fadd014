/** One vector for a row of tokens, padding left out: as sentence-transformers pools (Reimers & Gurevych 2019, arXiv:1908.10084, §3). */
import { add, cast, div, max, maximum, mean, mul, slice, squeeze, sub, sum, unsqueeze } from "../tensor/ops/index.ts";
import type { Float, Ids } from "../tensor/tensor.ts";

/** x [B, T, C] and the mask of its tokens [B, T], all of them unless given → [B, C]. */
export type Pooling = (x: Float, attention_mask?: Ids) => Float;

/** The first token's, which stands for the row in BERT. */
export const clsPooling: Pooling = (x) => squeeze(slice(x, 1, 0, 1), 1);

/** Σ x / n over the n tokens; 0 where there are none. */
export const meanPooling: Pooling = (x, mask) => {
  if (!mask) return mean(x, [1]);
  const counts = cast(mask, "float32") as Float;
  return div(sum(mul(x, unsqueeze(counts, -1)), [1]), maximum(sum(counts, [1], { keepDims: true }), 1));
};

/** The largest of each number. */
export const maxPooling: Pooling = (x, mask) => {
  if (!mask) return max(x, [1]);
  const hidden = sub(1, unsqueeze(cast(mask, "float32") as Float, -1)); // [B, T, 1]
  return max(add(x, mul(hidden, -1e30)), [1]);
};
