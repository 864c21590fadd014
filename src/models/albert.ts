/**
 * ALBERT: BERT with one block for all layers (or one for each group of them) and narrow vectors of words, trained to
 * fill in masked tokens and to tell whether two texts are in order.
 * Paper: Lan et al. 2019, arXiv:1909.11942. Checkpoint: `albert/albert-base-v2`.
 */
import * as nn from "../nn/index.ts";
import { add, crossEntropy, type Float, type Ids, tanh, tap } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { bertEmbeddings, bertFields } from "./bert-encoder.ts";
import * as field from "./config.ts";
import * as encoder from "./encoder.ts";
import { scoredHeads } from "./scored-heads.ts";

const fields = {
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
export type AlbertConfig = field.ConfigOf<typeof fields>;
type Inputs = encoder.EncoderInputs;
type Pairs = Inputs & { readonly labels?: Ids; readonly sentence_order_label?: Ids };

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
const layers = (c: AlbertConfig) => {
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

const body = (c: AlbertConfig) => ({ embeddings: bertEmbeddings(c, { dim: c.embedding_size }), encoder: layers(c) });
const read = (parts: ReturnType<typeof body>, inputs: Inputs) =>
  parts.encoder(parts.embeddings(inputs), encoder.encoderMask(inputs)); // [B, T, C]

const model = (c: AlbertConfig) => nn.layer(body(c), read);
const pooledModel = (c: AlbertConfig) =>
  nn.layer({ ...body(c), pooler: nn.linear(c.hidden_size, c.hidden_size, small(c)) }, (parts, inputs: Inputs) => {
    const last_hidden_state = read(parts, inputs);
    return { last_hidden_state, pooler_output: tanh(parts.pooler(nn.clsPooling(last_hidden_state))) };
  });

/** A score for each word: back to the width of its vectors, and those again unless they are untied. */
const predictions = (c: AlbertConfig) => {
  const [E, V] = [c.embedding_size, c.vocab_size];
  const untied = c.tie_word_embeddings ? {} : { decoder: nn.linear(E, V, small(c)) };
  const LayerNorm = nn.layerNorm(E, { eps: c.layer_norm_eps });
  const parts = {
    LayerNorm,
    bias: nn.param([V], nn.constant(0)),
    dense: nn.linear(c.hidden_size, E, small(c)),
    ...untied,
  };
  return nn.layer(parts, ({ LayerNorm, bias, dense, decoder }, x: Float, words: Float) => {
    const h = LayerNorm(nn.activations[c.hidden_act](dense(x)));
    return decoder ? decoder(h) : encoder.tiedLogits(h, words, bias); // [B, T, V]
  });
};

const preTraining = (c: AlbertConfig) =>
  nn.layer(
    {
      albert: pooledModel(c),
      predictions: predictions(c),
      sop_classifier: { drop: drop(c), classifier: classes(c, c.num_labels) },
    },
    ({ albert, predictions, sop_classifier: sop }, { labels, sentence_order_label: order, ...inputs }: Pairs) => {
      const { last_hidden_state, pooler_output } = albert(inputs);
      const prediction_logits = predictions(last_hidden_state, albert.embeddings.word_embeddings.weight);
      const sop_logits = sop.classifier(sop.drop(pooler_output)); // [B, 2]
      const loss = labels && order && add(crossEntropy(prediction_logits, labels), crossEntropy(sop_logits, order));
      return { prediction_logits, sop_logits, ...(loss && { loss }) };
    },
  );

const wordScores = (c: AlbertConfig) =>
  nn.layer({ albert: model(c), predictions: predictions(c) }, ({ albert, predictions }, inputs: Inputs) =>
    predictions(albert(inputs), albert.embeddings.word_embeddings.weight),
  );

const rowScores = (c: AlbertConfig, count: number) =>
  nn.layer(
    { albert: pooledModel(c), drop: drop(c), classifier: classes(c, count) },
    ({ albert, drop, classifier }, inputs: Inputs) => classifier(drop(albert(inputs).pooler_output)),
  );

const tokenScores = (c: AlbertConfig, count: number) =>
  nn.layer(
    { albert: model(c), drop: drop(c), classifier: classes(c, count) },
    ({ albert, drop, classifier }, inputs: Inputs) => classifier(drop(albert(inputs))),
  );

const spanScores = (c: AlbertConfig, count: number) =>
  nn.layer({ albert: model(c), qa_outputs: classes(c, count) }, ({ albert, qa_outputs }, inputs: Inputs) =>
    qa_outputs(albert(inputs)),
  );

const norm = (c: AlbertConfig) => nn.layerNorm(c.hidden_size, { eps: c.layer_norm_eps });
const small = (c: AlbertConfig) => ({ init: nn.normal(c.initializer_range) });
const classes = (c: AlbertConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);
const drop = (c: AlbertConfig) => nn.dropout(c.classifier_dropout_prob ?? c.hidden_dropout_prob);

const heads = scoredHeads(encoder.encoderInputs);
export const albert = architecture({
  spec: { modelType: "albert", fields, contradiction: encoder.headsShareWidth },
  heads: {
    AlbertForMaskedLM: heads.maskedLm(wordScores),
    AlbertForPreTraining: heads.sentenceOrder(preTraining),
    AlbertForSequenceClassification: heads.sequenceClassification(rowScores),
    AlbertForTokenClassification: heads.tokenClassification(tokenScores),
    AlbertForQuestionAnswering: heads.questionAnswering(spanScores),
    AlbertForMultipleChoice: heads.multipleChoice(rowScores),
    AlbertModel: heads.bare(pooledModel),
  },
  fileNames: {
    prefix: "albert",
    buffers: encoder.encoderBuffers,
    tied: {
      "predictions.decoder.weight": "albert.embeddings.word_embeddings.weight",
      "predictions.decoder.bias": "predictions.bias",
    },
  },
  tiny: { ...encoder.tinyEncoder, embedding_size: 8 },
  limits: encoder.encoderLimits,
});
