/**
 * Gemma: Llama's decoder with a tanh-GELU gate, wide heads, scaled embeddings, and norms whose weights are counted from 1.
 * Paper: Gemma Team 2024 (arXiv:2403.08295). Checkpoints: `google/gemma-2b`, `google/gemma-7b`.
 */
import * as nn from "../nn/index.ts";
import { mul } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
import { ropeParameters } from "./rope.ts";
import {
  llamaAttention,
  llamaContradiction,
  llamaDecoder,
  llamaFiles,
  llamaHeads,
  preNormBlock,
  small,
} from "./rotary-decoder.ts";

/** The published files say "gelu" and mean its tanh form. */
const gateName: field.Field<nn.ActivationName> = {
  ...field.oneOf(nn.activationNames, "gelu_pytorch_tanh"),
  implied: ({ hidden_act }) => (hidden_act === "gelu" ? "gelu_pytorch_tanh" : undefined),
};

const fields = {
  vocab_size: field.whole(256000),
  hidden_size: field.whole(3072),
  intermediate_size: field.whole(24576),
  num_hidden_layers: field.depth(28),
  num_attention_heads: field.whole(16),
  num_key_value_heads: field.whole(16),
  head_dim: field.whole(256),
  hidden_act: gateName,
  max_position_embeddings: field.whole(8192),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  rms_norm_eps: field.positive(1e-6),
  attention_bias: field.flag(false),
  attention_dropout: field.rate(0),
  use_bidirectional_attention: field.not(true),
  rope_parameters: ropeParameters(),
  ...headFields,
  pad_token_id: field.paddingId(0),
  tie_word_embeddings: field.flag(true),
};
export type GemmaConfig = field.ConfigOf<typeof fields>;

const attention = (c: GemmaConfig) => llamaAttention(c, { bias: c.attention_bias });

const feedForward = (c: GemmaConfig) =>
  nn.gatedFeedForward(c.hidden_size, c.intermediate_size, nn.activations[c.hidden_act], {
    init: small(c),
  });

const block = (c: GemmaConfig) =>
  preNormBlock({
    input_layernorm: norm(c),
    self_attn: attention(c),
    post_attention_layernorm: norm(c),
    mlp: feedForward(c),
  });

const decoder = (c: GemmaConfig) =>
  llamaDecoder(c, { block: () => block(c), norm: norm(c), scale: (x) => mul(x, Math.sqrt(c.hidden_size)) });

const norm = (c: GemmaConfig) => nn.rmsNorm(c.hidden_size, { eps: c.rms_norm_eps, offset: 1 });

const head = llamaHeads(decoder);

export const gemma = architecture({
  spec: {
    modelType: "gemma",
    fields,
    contradiction: llamaContradiction,
  },
  heads: {
    GemmaForCausalLM: head.causalLm(),
    GemmaForSequenceClassification: head.sequence(),
    GemmaForTokenClassification: head.tokens(),
    GemmaModel: head.states(),
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 12, intermediate_size: 20, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 4, max_position_embeddings: 16 },
  },
  ...llamaFiles,
});
