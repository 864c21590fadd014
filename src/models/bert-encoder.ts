/**
 * BERT's encoder, which RoBERTa and ELECTRA keep: learned positions and token types, post-layer-norm blocks, every token
 * reading all. Paper: Devlin et al. 2018, arXiv:1810.04805, §3.
 */
import * as nn from "../nn/index.ts";
import { add, type Float, type Ids, tanh, tap } from "../tensor/index.ts";
import * as field from "./config.ts";
import * as encoder from "./encoder.ts";
import { labelFields } from "./losses.ts";

export const bertFields = {
  vocab_size: field.whole(30522),
  hidden_size: field.whole(768),
  num_hidden_layers: field.depth(12),
  num_attention_heads: field.whole(12),
  intermediate_size: field.whole(3072),
  hidden_act: field.oneOf(nn.activationNames, "gelu"),
  hidden_dropout_prob: field.rate(0.1),
  attention_probs_dropout_prob: field.rate(0.1),
  max_position_embeddings: field.whole(512),
  type_vocab_size: field.whole(2),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  layer_norm_eps: field.positive(1e-12),
  classifier_dropout: field.optionalRate(),
  pad_token_id: field.paddingId(0),
  tie_word_embeddings: field.flag(true),
  is_decoder: field.only(false),
  add_cross_attention: field.only(false),
  position_embedding_type: field.only("absolute"),
  ...labelFields,
};
export type BertConfig = field.ConfigOf<typeof bertFields>;

interface EmbeddingOptions {
  readonly dim?: number;
  /** Which place each token has, [B, T] or [T]. */
  readonly positions?: (inputs: encoder.EncoderInputs) => Ids;
  /** A place that padding has, and nothing is learned for. */
  readonly unplaced?: number;
}

/** Token, place and text, each with a vector of its own: → [B, T, dim]. */
export function bertEmbeddings(
  c: BertConfig,
  { dim = c.hidden_size, positions = encoder.positionsOf, unplaced }: EmbeddingOptions = {},
) {
  const table = (count: number, padding?: number | null) =>
    nn.embedding(count, dim, { ...small(c), padding: padding ?? null });
  const parts = {
    word_embeddings: table(c.vocab_size, c.pad_token_id),
    position_embeddings: table(c.max_position_embeddings, unplaced),
    token_type_embeddings: table(c.type_vocab_size),
    LayerNorm: nn.layerNorm(dim, { eps: c.layer_norm_eps }),
    drop: nn.dropout(c.hidden_dropout_prob),
  };
  return nn.layer(parts, (e, inputs: encoder.EncoderInputs) => {
    const words = add(e.word_embeddings(inputs.input_ids), e.token_type_embeddings(encoder.tokenTypesOf(inputs)));
    return e.drop(e.LayerNorm(add(words, e.position_embeddings(positions(inputs)))));
  });
}

const block = (c: BertConfig) => {
  const { hidden_size: C, intermediate_size: inner, num_attention_heads: heads } = c;
  const [query, key, value] = [0, 1, 2].map(() => nn.linear(C, C, small(c))) as [nn.Linear, nn.Linear, nn.Linear];
  const parts = {
    attention: { self: { query, key, value }, output: { dense: nn.linear(C, C, small(c)), LayerNorm: norm(c) } },
    intermediate: { dense: nn.linear(C, inner, small(c)) },
    output: { dense: nn.linear(inner, C, small(c)), LayerNorm: norm(c) },
    drop: nn.dropout(c.hidden_dropout_prob),
    dropWeights: nn.dropout(c.attention_probs_dropout_prob),
  };
  return nn.layer(parts, ({ attention, intermediate, output, drop, dropWeights }, x: Float, mask?: Float) => {
    const attend = nn.scaledDotProduct({ dropout: dropWeights });
    const read = drop(attention.output.dense(nn.selfAttention(attention.self, x, { heads, mask, attend })));
    x = attention.output.LayerNorm(add(x, nn.gate("attention", read, [])));
    const thought = drop(output.dense(nn.activations[c.hidden_act](intermediate.dense(x))));
    return output.LayerNorm(add(x, nn.gate("feed_forward", thought, [])));
  });
};

export const bertEncoder = (c: BertConfig) =>
  nn.layer(
    { layer: Array.from({ length: c.num_hidden_layers }, () => block(c)) },
    ({ layer }, x: Float, mask?: Float) => {
      for (const block of layer) x = block(tap("hidden_states", x), mask);
      return tap("hidden_states", x);
    },
  );

/** tanh of a projection of the first token [B, C]. */
export const bertPooler = (c: BertConfig) =>
  nn.layer({ dense: nn.linear(c.hidden_size, c.hidden_size, small(c)) }, ({ dense }, x: Float) =>
    tanh(dense(nn.clsPooling(x))),
  );

const norm = (c: BertConfig) => nn.layerNorm(c.hidden_size, { eps: c.layer_norm_eps });
export const small = (c: BertConfig) => ({ init: nn.normal(c.initializer_range) });
