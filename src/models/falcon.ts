/**
 * Falcon: a decoder whose halves of a block read the same input, with one key head for all queries (7B) or one for each
 * group and two norms (40B); or stand one after the other, with ALiBi (RW).
 * Paper: Almazrouei et al. 2023 (arXiv:2311.16867). Checkpoints: `tiiuae/falcon-*`.
 */
import * as nn from "../nn/index.ts";
import { add, type Float } from "../tensor/index.ts";
import { architecture, type DecoderInputs } from "./architecture.ts";
import { causalHeads, headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
import { keyDistances, twiceIn } from "./falcon-alibi.ts";
import { keysAndValues } from "./memory.ts";
import { ropeContradiction, ropeOf, ropeParameters } from "./rope.ts";
import { throughBlocks } from "./rotary-decoder.ts";

const fields = {
  ...{ vocab_size: field.whole(65024), hidden_size: field.whole(4544), max_position_embeddings: field.whole(2048) },
  ...{ num_hidden_layers: field.depth(32), num_attention_heads: field.whole(71) },
  num_kv_heads: field.wholeOr((c) => c["num_attention_heads"] as number),
  ffn_hidden_size: field.wholeOr((c) => 4 * (c["hidden_size"] as number)),
  ...{ activation: field.oneOf(nn.activationNames, "gelu"), layer_norm_epsilon: field.positive(1e-5) },
  ...{ initializer_range: field.initialStd(0.02, "hidden_size", 768), bias: field.flag(false) },
  ...{ hidden_dropout: field.rate(0), attention_dropout: field.rate(0), alibi: field.flag(false) },
  ...{ new_decoder_architecture: field.flag(false), multi_query: field.flag(true), parallel_attn: field.flag(true) },
  ...{ num_ln_in_parallel_attn: field.optionalWhole(), rope_parameters: ropeParameters() },
  ...{ ...headFields, tie_word_embeddings: field.flag(true) },
};
export type FalconConfig = field.ConfigOf<typeof fields>;

type Norms = Partial<Record<"ln_attn" | "ln_mlp" | "input_layernorm" | "post_attention_layernorm", nn.Norm>>;

const attention = (c: FalconConfig) =>
  nn.fusedGroupedQueryAttention(c.hidden_size, {
    heads: c.num_attention_heads,
    kvHeads: keyHeads(c),
    attend: nn.scaledDotProduct({ dropout: nn.dropout(c.alibi ? c.attention_dropout : 0) }),
    ...small(c),
  });

const mlp = ({ hidden_size: C, ffn_hidden_size: inner, ...c }: FalconConfig) => {
  const parts = { dense_h_to_4h: nn.linear(C, inner, small(c)), dense_4h_to_h: nn.linear(inner, C, small(c)) };
  return nn.layer(parts, (p, x: Float) => p.dense_4h_to_h(nn.activations[c.activation](p.dense_h_to_4h(x))));
};

const block = (c: FalconConfig) => {
  const parallel = c.new_decoder_architecture || c.parallel_attn; // both halves read the block's input
  const two = c.new_decoder_architecture && (c.num_ln_in_parallel_attn ?? 2) === 2;
  const names = two ? ["ln_attn", "ln_mlp"] : ["input_layernorm", ...(parallel ? [] : ["post_attention_layernorm"])];
  const norms = Object.fromEntries(names.map((name) => [name, norm(c)]));
  const drops = { drop_read: nn.dropout(c.attention_dropout), drop: nn.dropout(c.hidden_dropout) };
  const parts = { ...(norms as Norms), self_attention: attention(c), mlp: mlp(c), ...drops };
  return nn.layer(parts, (p, x: Float, mask: Float, turns?: nn.Rotation, past?: nn.KeyValue) => {
    const normed = (p.ln_attn ?? p.input_layernorm!)(x);
    const read = nn.gate("attention", p.self_attention(normed, mask, turns, past), []);
    if (!parallel) x = add(x, p.drop_read(read));
    const fed = nn.gate("feed_forward", p.mlp(p.post_attention_layernorm?.(x) ?? p.ln_mlp?.(x) ?? normed), []);
    return add(x, p.drop(parallel ? add(fed, read) : fed));
  });
};

const decoder = (distances: typeof keyDistances) => (c: FalconConfig) => {
  const parts = {
    word_embeddings: nn.embedding(c.vocab_size, c.hidden_size, small(c)),
    h: Array.from({ length: c.num_hidden_layers }, () => block(c)),
    ln_f: norm(c),
  };
  return nn.layer(parts, (p, inputs: DecoderInputs) =>
    throughBlocks(inputs, {
      ...{ embed: p.word_embeddings, blocks: p.h, norm: p.ln_f, rope: c.alibi ? undefined : ropeOf(c, headSize(c)) },
      ...{ bias: c.alibi ? (keys, mask) => distances(c, keys, mask) : undefined, apart: false },
    }),
  );
};

const norm = (c: FalconConfig) => nn.layerNorm(c.hidden_size, { eps: c.layer_norm_epsilon });
const small = (c: Pick<FalconConfig, "bias" | "initializer_range">) => ({
  bias: c.bias,
  init: nn.normal(c.initializer_range),
});
const headSize = (c: FalconConfig) => c.hidden_size / c.num_attention_heads;
const keyHeads = (c: FalconConfig) =>
  c.new_decoder_architecture ? c.num_kv_heads : c.multi_query ? 1 : c.num_attention_heads;

const embedding = ({ word_embeddings }: ReturnType<ReturnType<typeof decoder>>) => word_embeddings.weight;
const headsWith = (distances: typeof keyDistances) => {
  const init = (c: FalconConfig) => small(c).init;
  const head = causalHeads({ prefix: "transformer", decoder: decoder(distances), embedding, init });
  return {
    FalconForCausalLM: head.causalLm(),
    FalconForSequenceClassification: head.sequence(),
    FalconForTokenClassification: head.tokens({ name: "classifier", dropout: (c) => c.hidden_dropout }),
    FalconForQuestionAnswering: head.answers(),
    FalconModel: head.states(),
  };
};

export const falcon = architecture({
  spec: {
    modelType: "falcon",
    fields,
    synonyms: { n_embed: "hidden_size", n_head: "num_attention_heads", n_layer: "num_hidden_layers" },
    contradiction: (c) =>
      field.multipleOf("hidden_size", "num_attention_heads")(c) ??
      field.multipleOf("num_attention_heads", "num_kv_heads")(c) ??
      (c.alibi ? undefined : ropeContradiction(c, headSize(c))),
  },
  heads: headsWith(keyDistances),
  reference: ({ alibi }, made) => (alibi ? twiceIn(made, headsWith) : undefined),
  fileNames: {
    prefixes: ["transformer"],
    buffers: [/\.(rotary_emb|maybe_rotary|rotary)\.inv_freq$/],
    tied: { "lm_head.weight": "transformer.word_embeddings.weight" },
  },
  tiny: {
    ...{ vocab_size: 23, pad_token_id: 0, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 4 },
    ...{ num_kv_heads: 2, new_decoder_architecture: true, max_position_embeddings: 16 },
  },
  limits: { vocabulary: "vocab_size", positions: "max_position_embeddings" },
  cache: (c) => keysAndValues({ layers: c.num_hidden_layers, heads: keyHeads(c), headSize: headSize(c) }),
});
