/**
 * Gemma 2: Gemma with norms on both sides of each half of a block, capped scores and logits, and a window in every other layer.
 * Paper: Gemma Team 2024 (arXiv:2408.00118). Checkpoints: `google/gemma-2-*`.
 */
import * as nn from "../nn/index.ts";
import { add, div, type Float, mul, tanh } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
import { layerCount, layerTypes, windowsOf } from "./layer-types.ts";
import { ropeParameters } from "./rope.ts";
import {
  llamaAttention,
  llamaCache,
  llamaContradiction,
  llamaDecoder,
  llamaFiles,
  llamaHeads,
  small,
} from "./rotary-decoder.ts";

const fields = {
  vocab_size: field.whole(256000),
  hidden_size: field.whole(2304),
  intermediate_size: field.whole(9216),
  num_hidden_layers: field.depth(26),
  num_attention_heads: field.whole(8),
  num_key_value_heads: field.whole(4),
  head_dim: field.whole(256),
  hidden_activation: field.oneOf(nn.activationNames, "gelu_pytorch_tanh"),
  max_position_embeddings: field.whole(8192),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  rms_norm_eps: field.positive(1e-6),
  attention_bias: field.flag(false),
  attention_dropout: field.rate(0),
  use_bidirectional_attention: field.not(true),
  query_pre_attn_scalar: field.whole(256),
  sliding_window: field.optionalWhole(4096),
  layer_types: layerTypes((_, i) => i % 2 === 0),
  final_logit_softcapping: field.optionalPositive(30),
  attn_logit_softcapping: field.optionalPositive(50),
  rope_parameters: ropeParameters(),
  ...headFields,
  pad_token_id: field.paddingId(0),
  tie_word_embeddings: field.flag(true),
};
export type Gemma2Config = field.ConfigOf<typeof fields>;

const attention = (c: Gemma2Config) =>
  llamaAttention(c, {
    bias: c.attention_bias,
    attend: nn.scaledDotProduct({
      scale: c.query_pre_attn_scalar ** -0.5,
      squash: (scores) => capped(scores, c.attn_logit_softcapping),
      dropout: nn.dropout(c.attention_dropout),
    }),
  });

const feedForward = (c: Gemma2Config) =>
  nn.gatedFeedForward(c.hidden_size, c.intermediate_size, nn.activations[c.hidden_activation], {
    init: small(c),
  });

const block = (c: Gemma2Config) => {
  const parts = {
    ...{ input_layernorm: norm(c), self_attn: attention(c), post_attention_layernorm: norm(c) },
    ...{ pre_feedforward_layernorm: norm(c), mlp: feedForward(c), post_feedforward_layernorm: norm(c) },
  };
  return nn.layer(parts, (p, x: Float, mask: Float, turns: nn.Rotation | undefined, past?: nn.KeyValue) => {
    const attended = p.self_attn(p.input_layernorm(x), mask, turns, past);
    x = add(x, nn.gate("attention", p.post_attention_layernorm(attended), []));
    const fed = p.mlp(p.pre_feedforward_layernorm(x));
    return add(x, nn.gate("feed_forward", p.post_feedforward_layernorm(fed), []));
  });
};

/** cap · tanh(x / cap): a number that never passes the cap (§2 of the paper). */
const capped = (x: Float, cap: number | null): Float => (cap === null ? x : mul(tanh(div(x, cap)), cap));

const windows = (c: Gemma2Config) => windowsOf(c, c.sliding_window);
const decoder = (c: Gemma2Config) =>
  llamaDecoder(c, {
    block: () => block(c),
    norm: norm(c),
    windows: windows(c),
    scale: (x) => mul(x, Math.sqrt(c.hidden_size)),
  });

const norm = (c: Gemma2Config) => nn.rmsNorm(c.hidden_size, { eps: c.rms_norm_eps, offset: 1 });

const head = llamaHeads(decoder);

export const gemma2 = architecture({
  spec: {
    modelType: "gemma2",
    fields,
    contradiction: (c) => llamaContradiction(c) ?? layerCount(c, c.num_hidden_layers),
  },
  heads: {
    Gemma2ForCausalLM: head.causalLm({ squash: (logits, c) => capped(logits, c.final_logit_softcapping) }),
    Gemma2ForSequenceClassification: head.sequence(),
    Gemma2ForTokenClassification: head.tokens(),
    Gemma2Model: head.states(),
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 12, intermediate_size: 20, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 4, max_position_embeddings: 16 },
    ...{ sliding_window: 3 },
  },
  ...llamaFiles,
  cache: llamaCache(windows),
});
