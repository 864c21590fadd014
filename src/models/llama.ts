/**
 * Llama: a decoder with rotary positions, root-mean-square norms before each half of a block, and a gated feed-forward.
 * Papers: Touvron et al. 2023 (arXiv:2302.13971), 2 (arXiv:2307.09288), 3 (arXiv:2407.21783). Checkpoints: `meta-llama/*`.
 */
import * as nn from "../nn/index.ts";
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

const fields = {
  vocab_size: field.whole(32000),
  hidden_size: field.whole(4096),
  intermediate_size: field.whole(11008),
  num_hidden_layers: field.depth(32),
  num_attention_heads: field.whole(32),
  num_key_value_heads: field.keyHeads(),
  head_dim: field.headSize("hidden_size", "num_attention_heads"),
  hidden_act: field.oneOf(nn.activationNames, "silu"),
  max_position_embeddings: field.whole(2048),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  rms_norm_eps: field.positive(1e-6),
  attention_bias: field.flag(false),
  attention_dropout: field.rate(0),
  mlp_bias: field.flag(false),
  rope_parameters: ropeParameters(),
  ...headFields,
};
export type LlamaConfig = field.ConfigOf<typeof fields>;

const attention = (c: LlamaConfig) => llamaAttention(c, { bias: c.attention_bias });

const feedForward = (c: LlamaConfig) =>
  nn.gatedFeedForward(c.hidden_size, c.intermediate_size, nn.activations[c.hidden_act], {
    bias: c.mlp_bias,
    init: small(c),
  });

const block = (c: LlamaConfig) =>
  preNormBlock({
    input_layernorm: norm(c),
    self_attn: attention(c),
    post_attention_layernorm: norm(c),
    mlp: feedForward(c),
  });

const decoder = (c: LlamaConfig) => llamaDecoder(c, { block: () => block(c), norm: norm(c) });

const norm = (c: LlamaConfig) => nn.rmsNorm(c.hidden_size, { eps: c.rms_norm_eps });

const head = llamaHeads(decoder);

export const llama = architecture({
  spec: {
    modelType: "llama",
    fields,
    contradiction: llamaContradiction,
  },
  heads: {
    LlamaForCausalLM: head.causalLm(),
    LlamaForSequenceClassification: head.sequence(),
    LlamaForTokenClassification: head.tokens(),
    LlamaForQuestionAnswering: head.answers({ prefix: "transformer" }),
    LlamaModel: head.states(),
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 12, intermediate_size: 20, num_hidden_layers: 2 },
    ...{ num_attention_heads: 4, num_key_value_heads: 2, head_dim: 4, max_position_embeddings: 16 },
  },
  ...llamaFiles,
});
