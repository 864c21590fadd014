/** What a DeBERTa-v2 `config.json` may say; DeBERTa-v3 is some of its settings. */
import * as nn from "../nn/index.ts";
import * as field from "./config.ts";
import { labelFields } from "./losses.ts";

export const debertaFields = {
  vocab_size: field.whole(128100),
  hidden_size: field.whole(1536),
  num_hidden_layers: field.depth(24),
  num_attention_heads: field.whole(24),
  intermediate_size: field.whole(6144),
  hidden_act: field.oneOf(nn.activationNames, "gelu"),
  hidden_dropout_prob: field.rate(0.1),
  attention_probs_dropout_prob: field.rate(0.1),
  max_position_embeddings: field.whole(512),
  type_vocab_size: field.count(0),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  layer_norm_eps: field.positive(1e-7),
  embedding_size: field.wholeOr((c) => c["hidden_size"] as number),
  attention_head_size: field.headSize("hidden_size", "num_attention_heads"),
  relative_attention: field.flag(false),
  max_relative_positions: field.integer(-1),
  position_buckets: field.integer(-1),
  position_biased_input: field.flag(true),
  pos_att_type: field.namesIn("pos_att_type", ["c2p", "p2c"]),
  share_att_key: field.flag(false),
  norm_rel_ebd: field.oneOf(["none", "layer_norm"], "none"),
  conv_kernel_size: field.count(0),
  conv_groups: field.whole(1),
  conv_act: field.oneOf(nn.activationNames, "tanh"),
  pad_token_id: field.paddingId(0),
  pooler_hidden_size: field.wholeOr((c) => c["hidden_size"] as number),
  pooler_dropout: field.rate(0),
  pooler_hidden_act: field.oneOf(nn.activationNames, "gelu"),
  cls_dropout: field.optionalRate(),
  legacy: field.flag(true),
  tie_word_embeddings: field.flag(true),
  ...labelFields,
};
export type DebertaConfig = field.ConfigOf<typeof debertaFields>;

export function debertaContradiction(c: DebertaConfig): string | undefined {
  if (c.attention_head_size * c.num_attention_heads !== c.hidden_size)
    return `${c.num_attention_heads} heads of ${c.attention_head_size} are not hidden_size ${c.hidden_size}`;
  if (c.pooler_hidden_size !== c.hidden_size)
    return `pooler_hidden_size ${c.pooler_hidden_size} is not hidden_size ${c.hidden_size}`;
  if (c.conv_kernel_size > 0 && c.conv_kernel_size % 2 === 0)
    return `conv_kernel_size ${c.conv_kernel_size} is even, so a convolution would change the length`;
  const near = Math.floor(c.position_buckets / 2); // places that have buckets of their own
  if (c.relative_attention && near > 0 && near === furthest(c) - 1 && near < c.max_position_embeddings - 1)
    return `position_buckets ${c.position_buckets} and distances up to ${furthest(c)} leave no width for a bucket`;
  return undefined;
}

/** The distance that the last bucket of relative places is for. */
export const furthest = (c: DebertaConfig): number =>
  c.max_relative_positions > 0 ? c.max_relative_positions : c.max_position_embeddings;

export const norm = (c: DebertaConfig) => nn.layerNorm(c.hidden_size, { eps: c.layer_norm_eps });
export const small = (c: DebertaConfig) => ({ init: nn.normal(c.initializer_range) });
