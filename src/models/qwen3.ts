/**
 * Qwen3: Llama's decoder with a norm on each head's query and key before they turn.
 * Paper: Yang et al. 2025 (arXiv:2505.09388). Checkpoints: `Qwen/Qwen3-*`.
 */
import * as nn from "../nn/index.ts";
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
  preNormBlock,
  small,
} from "./rotary-decoder.ts";

const fields = {
  vocab_size: field.whole(151936),
  hidden_size: field.whole(4096),
  intermediate_size: field.whole(22016),
  num_hidden_layers: field.depth(32),
  num_attention_heads: field.whole(32),
  num_key_value_heads: field.keyHeads(32),
  head_dim: field.whole(128),
  hidden_act: field.oneOf(nn.activationNames, "silu"),
  max_position_embeddings: field.whole(32768),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  rms_norm_eps: field.positive(1e-6),
  attention_bias: field.flag(false),
  attention_dropout: field.rate(0),
  use_sliding_window: field.flag(false),
  sliding_window: field.optionalWhole(4096),
  max_window_layers: field.count(28),
  layer_types: layerTypes((c, i) => c["use_sliding_window"] === true && i >= (c["max_window_layers"] as number)),
  rope_parameters: ropeParameters(),
  ...headFields,
};
export type Qwen3Config = field.ConfigOf<typeof fields>;

const attention = (c: Qwen3Config) =>
  llamaAttention(c, { bias: c.attention_bias, norms: { q_norm: headNorm(c), k_norm: headNorm(c) } });

const feedForward = (c: Qwen3Config) =>
  nn.gatedFeedForward(c.hidden_size, c.intermediate_size, nn.activations[c.hidden_act], {
    init: small(c),
  });

const block = (c: Qwen3Config) =>
  preNormBlock({
    input_layernorm: norm(c),
    self_attn: attention(c),
    post_attention_layernorm: norm(c),
    mlp: feedForward(c),
  });

const windows = (c: Qwen3Config) => windowsOf(c, c.use_sliding_window ? c.sliding_window : null);
const decoder = (c: Qwen3Config) =>
  llamaDecoder(c, {
    block: () => block(c),
    norm: norm(c),
    windows: windows(c),
  });

const norm = (c: Qwen3Config) => nn.rmsNorm(c.hidden_size, { eps: c.rms_norm_eps });
const headNorm = (c: Qwen3Config) => nn.rmsNorm(c.head_dim, { eps: c.rms_norm_eps });

const head = llamaHeads(decoder);

export const qwen3 = architecture({
  spec: {
    modelType: "qwen3",
    fields,
    contradiction: (c) => llamaContradiction(c) ?? layerCount(c, c.num_hidden_layers),
  },
  heads: {
    Qwen3ForCausalLM: head.causalLm(),
    Qwen3ForSequenceClassification: head.sequence(),
    Qwen3ForTokenClassification: head.tokens(),
    Qwen3ForQuestionAnswering: head.answers({ prefix: "transformer" }),
    Qwen3Model: head.states(),
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 12, intermediate_size: 20, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 4, max_position_embeddings: 16 },
    ...{ use_sliding_window: true, sliding_window: 3, max_window_layers: 1 },
  },
  ...llamaFiles,
  cache: llamaCache(windows),
});
