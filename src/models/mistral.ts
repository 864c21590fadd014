/**
 * Mistral: Llama's decoder with grouped queries, which see only a window of the keys before them.
 * Paper: Jiang et al. 2023 (arXiv:2310.06825). Checkpoints: `mistralai/Mistral-7B-*`.
 */
import * as nn from "../nn/index.ts";
import { architecture } from "./architecture.ts";
import { headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
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
  vocab_size: field.whole(32000),
  hidden_size: field.whole(4096),
  intermediate_size: field.whole(14336),
  num_hidden_layers: field.depth(32),
  num_attention_heads: field.whole(32),
  num_key_value_heads: field.keyHeads(8),
  head_dim: field.headSize("hidden_size", "num_attention_heads"),
  hidden_act: field.oneOf(nn.activationNames, "silu"),
  max_position_embeddings: field.whole(131072),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  rms_norm_eps: field.positive(1e-6),
  sliding_window: field.optionalWhole(4096),
  attention_dropout: field.rate(0),
  rope_parameters: ropeParameters(),
  ...headFields,
};
export type MistralConfig = field.ConfigOf<typeof fields>;

const attention = (c: MistralConfig) => llamaAttention(c);

const feedForward = (c: MistralConfig) =>
  nn.gatedFeedForward(c.hidden_size, c.intermediate_size, nn.activations[c.hidden_act], {
    init: small(c),
  });

const block = (c: MistralConfig) =>
  preNormBlock({
    input_layernorm: norm(c),
    self_attn: attention(c),
    post_attention_layernorm: norm(c),
    mlp: feedForward(c),
  });

const windows = (c: MistralConfig): (number | null)[] => Array(c.num_hidden_layers).fill(c.sliding_window);
const decoder = (c: MistralConfig) => llamaDecoder(c, { block: () => block(c), norm: norm(c), windows: windows(c) });

const norm = (c: MistralConfig) => nn.rmsNorm(c.hidden_size, { eps: c.rms_norm_eps });

const head = llamaHeads(decoder);

export const mistral = architecture({
  spec: {
    modelType: "mistral",
    fields,
    contradiction: llamaContradiction,
  },
  heads: {
    MistralForCausalLM: head.causalLm(),
    MistralForSequenceClassification: head.sequence(),
    MistralForTokenClassification: head.tokens(),
    MistralForQuestionAnswering: head.answers(),
    MistralModel: head.states(),
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 12, intermediate_size: 20, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 4, max_position_embeddings: 16 },
    ...{ sliding_window: 3 },
  },
  ...llamaFiles,
  cache: llamaCache(windows),
});
