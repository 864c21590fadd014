/**
 * ALBERT's encoder: words with narrow vectors, widened, and one block for all layers, or for each group of them (Lan et
 * al. 2019, arXiv:1909.11942, §3.1).
 */
import * as nn from "../nn/index.ts";
import { add, type Float, tap } from "../tensor/index.ts";
import { bertFields } from "./bert-encoder.ts";
import * as field from "./config.ts";

export const albertFields = {
  ...bertFields,
  vocab_size: field.whole(30000),
  embedding_size: field.whole(128),
  hidden_size: field.whole(4096),
  num_hidden_groups: field.depth(1),
  inner_group_num: field.depth(1),
  num_attention_heads: field.whole(64),
  intermediate_size: field.whole(16384),
  hidden_act: field.oneOf(nn.activationNames, "gelu_new"),
  hidden_dropout_prob: field.rate(0),
  attention_probs_dropout_prob: field.rate(0),
  classifier_dropout_prob: field.optionalRate(0.1),
};
export type AlbertConfig = field.ConfigOf<typeof albertFields>;

const block = (c: AlbertConfig) => {
  const { hidden_size: C, intermediate_size: inner, num_attention_heads: heads } = c;
  const linear = (from: number, to: number) => nn.linear(from, to, small(c));
  const [query, key, value, dense] = [linear(C, C), linear(C, C), linear(C, C), linear(C, C)];
  const parts = {
    attention: { query, key, value, dense, LayerNorm: norm(c) },
    ffn: linear(C, inner),
    ffn_output: linear(inner, C),
    full_layer_layer_norm: norm(c),
    drop: nn.dropout(c.hidden_dropout_prob),
    dropWeights: nn.dropout(c.attention_probs_dropout_prob),
  };
  return nn.layer(parts, ({ attention: a, ffn, ffn_output, drop, ...p }, x: Float, mask?: Float) => {
    const attend = nn.scaledDotProduct({ dropout: p.dropWeights });
    const read = drop(a.dense(nn.selfAttention(a, x, { heads, mask, attend })));
    x = a.LayerNorm(add(x, nn.gate("attention", read, [])));
    const thought = ffn_output(nn.activations[c.hidden_act](ffn(x)));
    return p.full_layer_layer_norm(add(x, nn.gate("feed_forward", thought, [])));
  });
};

/** Layer i is the blocks of group ⌊i · groups / layers⌋. */
export const albertLayers = (c: AlbertConfig) => {
  const { num_hidden_layers: L, num_hidden_groups: groups } = c;
  const group = () => ({ albert_layers: Array.from({ length: c.inner_group_num }, () => block(c)) });
  const parts = {
    embedding_hidden_mapping_in: nn.linear(c.embedding_size, c.hidden_size, small(c)),
    albert_layer_groups: Array.from({ length: groups }, group),
  };
  return nn.layer(parts, ({ embedding_hidden_mapping_in, albert_layer_groups }, x: Float, mask?: Float) => {
    x = embedding_hidden_mapping_in(x); // [B, T, C]
    for (let i = 0; i < L; i++)
      for (const block of albert_layer_groups[Math.floor(i / (L / groups))]!.albert_layers)
        x = block(tap("hidden_states", x), mask);
    return tap("hidden_states", x);
  });
};

const norm = (c: AlbertConfig) => nn.layerNorm(c.hidden_size, { eps: c.layer_norm_eps });
export const small = (c: AlbertConfig) => ({ init: nn.normal(c.initializer_range) });
