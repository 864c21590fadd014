/**
 * GPT-NeoX: a decoder whose attention and feed-forward read the same input, with rotary positions on a part of each head.
 * Paper: Black et al. 2022 (arXiv:2204.06745). Checkpoints: `EleutherAI/gpt-neox-20b`, `EleutherAI/pythia-*`.
 */
import * as nn from "../nn/index.ts";
import { add, type Float } from "../tensor/index.ts";
import { architecture, type DecoderInputs } from "./architecture.ts";
import { causalHeads, headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
import { keysAndValues } from "./memory.ts";
import { ropeContradiction, ropeOf, ropeParameters } from "./rope.ts";
import { throughBlocks } from "./rotary-decoder.ts";

const fields = {
  vocab_size: field.whole(50432),
  hidden_size: field.whole(6144),
  num_hidden_layers: field.depth(44),
  num_attention_heads: field.whole(64),
  intermediate_size: field.whole(24576),
  hidden_act: field.oneOf(nn.activationNames, "gelu"),
  attention_dropout: field.rate(0),
  hidden_dropout: field.rate(0),
  classifier_dropout: field.rate(0.1),
  max_position_embeddings: field.whole(2048),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  layer_norm_eps: field.positive(1e-5),
  use_parallel_residual: field.flag(true),
  attention_bias: field.flag(true),
  rope_parameters: ropeParameters({ partial: 0.25, thetaName: "rotary_emb_base", partialName: "rotary_pct" }),
  ...headFields,
};
export type GptNeoXConfig = field.ConfigOf<typeof fields>;

const attention = (c: GptNeoXConfig) =>
  nn.fusedGroupedQueryAttention(c.hidden_size, {
    heads: c.num_attention_heads,
    kvHeads: c.num_attention_heads,
    bias: c.attention_bias,
    attend: nn.scaledDotProduct({ dropout: nn.dropout(c.attention_dropout) }),
    ...small(c),
  });

const mlp = ({ hidden_size: C, intermediate_size: inner, hidden_act, ...c }: GptNeoXConfig) =>
  nn.layer(
    { dense_h_to_4h: nn.linear(C, inner, small(c)), dense_4h_to_h: nn.linear(inner, C, small(c)) },
    (p, x: Float) => p.dense_4h_to_h(nn.activations[hidden_act](p.dense_h_to_4h(x))),
  );

const block = (c: GptNeoXConfig) => {
  const parts = {
    ...{ input_layernorm: norm(c), attention: attention(c), post_attention_dropout: nn.dropout(c.hidden_dropout) },
    ...{ post_attention_layernorm: norm(c), mlp: mlp(c), post_mlp_dropout: nn.dropout(c.hidden_dropout) },
  };
  return nn.layer(parts, (p, x: Float, mask: Float, turns: nn.Rotation | undefined, past?: nn.KeyValue) => {
    const read = p.post_attention_dropout(p.attention(p.input_layernorm(x), mask, turns, past));
    const attended = add(x, nn.gate("attention", read, []));
    const fed = p.mlp(p.post_attention_layernorm(c.use_parallel_residual ? x : attended));
    return add(attended, nn.gate("feed_forward", p.post_mlp_dropout(fed), []));
  });
};

const decoder = (c: GptNeoXConfig) => {
  const parts = {
    embed_in: nn.embedding(c.vocab_size, c.hidden_size, small(c)),
    emb_dropout: nn.dropout(c.hidden_dropout),
    layers: Array.from({ length: c.num_hidden_layers }, () => block(c)),
    final_layer_norm: norm(c),
  };
  return nn.layer(parts, (p, inputs: DecoderInputs) =>
    throughBlocks(inputs, {
      embed: (ids) => p.emb_dropout(p.embed_in(ids)),
      blocks: p.layers,
      norm: p.final_layer_norm,
      rope: ropeOf(c, headSize(c)),
    }),
  );
};

const norm = (c: GptNeoXConfig) => nn.layerNorm(c.hidden_size, { eps: c.layer_norm_eps });
const small = (c: Pick<GptNeoXConfig, "initializer_range">) => ({ init: nn.normal(c.initializer_range) });
const headSize = (c: GptNeoXConfig) => c.hidden_size / c.num_attention_heads;

const head = causalHeads({
  prefix: "gpt_neox",
  decoder,
  embedding: ({ embed_in }) => embed_in.weight,
  init: (c) => small(c).init,
});

export const gptNeoX = architecture({
  spec: {
    modelType: "gpt_neox",
    fields,
    contradiction: (c) =>
      field.multipleOf("hidden_size", "num_attention_heads")(c) ?? ropeContradiction(c, headSize(c)),
  },
  heads: {
    GPTNeoXForCausalLM: head.causalLm({ output: "embed_out" }),
    GPTNeoXForSequenceClassification: head.sequence(),
    GPTNeoXForTokenClassification: head.tokens({ name: "classifier", dropout: (c) => c.classifier_dropout }),
    GPTNeoXForQuestionAnswering: head.answers(),
    GPTNeoXModel: head.states(),
  },
  fileNames: {
    prefixes: ["gpt_neox"],
    buffers: [/\.attention\.(masked_)?bias$/, /\.rotary_emb\.inv_freq$/],
    tied: { "embed_out.weight": "gpt_neox.embed_in.weight" },
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 12, num_hidden_layers: 2, num_attention_heads: 3 },
    ...{ intermediate_size: 20, max_position_embeddings: 16, rotary_pct: 0.5 },
  },
  limits: { vocabulary: "vocab_size", positions: "max_position_embeddings" },
  cache: (c) => keysAndValues({ layers: c.num_hidden_layers, heads: c.num_attention_heads, headSize: headSize(c) }),
});
