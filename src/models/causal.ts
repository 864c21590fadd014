/** What causal language models share: each position predicts the next token. */
import { minus } from "../tensor/dims.ts";
import { crossEntropy, slice } from "../tensor/ops/index.ts";
import { type Float, type Ids, sizes } from "../tensor/tensor.ts";

/** The last `keep` of T positions, where only their logits are asked for: x [B, T, C] → [B, keep, C]. */
export function lastPositions(x: Float, keep: number | undefined): Float {
  const [, T] = sizes(x, "B T C");
  return keep === undefined ? x : slice(x, 1, minus(T, keep), T);
}

/** logits [B, T, V], labels [B, T] → mean over t of −log p(labelₜ₊₁ | up to t), labels of −100 left out; {} without labels. */
export function causalLoss(logits: Float, labels: Ids | undefined): { readonly loss?: Float } {
  if (!labels) return {};
  const [, T] = sizes(labels, "B T");
  return { loss: crossEntropy(slice(logits, 1, 0, minus(T, 1)), slice(labels, 1, 1, T)) };
}

/** GPT's sizes under the names that other models use for them: transformers reads both. `n_ctx` is the first files'. */
export const gptSynonyms = {
  hidden_size: "n_embd",
  num_hidden_layers: "n_layer",
  num_attention_heads: "n_head",
  max_position_embeddings: "n_positions",
  n_ctx: "n_positions",
};
