/**
 * DistilBERT: every other layer of BERT, taught by all of it; no token types, no pooler.
 * Paper: Sanh et al. 2019, arXiv:1910.01108. Checkpoint: `distilbert/distilbert-base-uncased`.
 */
import * as nn from "../nn/index.ts";
import { add, type Float, relu, tap } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import * as field from "./config.ts";
import * as encoder from "./encoder.ts";
import { labelFields } from "./losses.ts";
import { scoredHeads } from "./scored-heads.ts";

const fields = {
  ...{ vocab_size: field.whole(30522), max_position_embeddings: field.whole(512) },
  ...{ n_layers: field.depth(6), n_heads: field.whole(12), dim: field.whole(768), hidden_dim: field.whole(3072) },
  ...{ dropout: field.rate(0.1), attention_dropout: field.rate(0.1) },
  ...{ qa_dropout: field.rate(0.1), seq_classif_dropout: field.rate(0.2) },
  ...{ activation: field.oneOf(nn.activationNames, "gelu"), initializer_range: field.initialStd(0.02, "dim", 768) },
  ...{ pad_token_id: field.paddingId(0), tie_word_embeddings: field.flag(true) },
  ...labelFields,
};
export type DistilBertConfig = field.ConfigOf<typeof fields>;
type Inputs = encoder.EncoderInputs;

const block = (c: DistilBertConfig) => {
  const { dim: C, hidden_dim: inner, n_heads: heads } = c;
  const linear = (from: number, to: number) => nn.linear(from, to, small(c));
  const parts = {
    attention: { q_lin: linear(C, C), k_lin: linear(C, C), v_lin: linear(C, C), out_lin: linear(C, C) },
    ...{ sa_layer_norm: norm(c), output_layer_norm: norm(c) },
    ffn: { lin1: linear(C, inner), lin2: linear(inner, C), drop: nn.dropout(c.dropout) },
    dropWeights: nn.dropout(c.attention_dropout),
  };
  return nn.layer(parts, ({ attention: a, ffn, ...p }, x: Float, mask?: Float) => {
    const attend = nn.scaledDotProduct({ dropout: p.dropWeights });
    const projections = { query: a.q_lin, key: a.k_lin, value: a.v_lin };
    const read = a.out_lin(nn.selfAttention(projections, x, { heads, mask, attend }));
    x = p.sa_layer_norm(add(x, nn.gate("attention", read, [])));
    const thought = ffn.drop(ffn.lin2(nn.activations[c.activation](ffn.lin1(x))));
    return p.output_layer_norm(add(x, nn.gate("feed_forward", thought, [])));
  });
};

const model = (c: DistilBertConfig) => {
  const table = (count: number, padding: number | null) => nn.embedding(count, c.dim, { ...small(c), padding });
  const position_embeddings = table(c.max_position_embeddings, null);
  const words = { word_embeddings: table(c.vocab_size, c.pad_token_id), position_embeddings };
  const embeddings = { ...words, LayerNorm: norm(c), drop: nn.dropout(c.dropout) };
  const parts = { embeddings, transformer: { layer: Array.from({ length: c.n_layers }, () => block(c)) } };
  return nn.layer(parts, ({ embeddings: e, transformer }, inputs: Inputs) => {
    const mask = encoder.encoderMask(inputs);
    const words = add(e.word_embeddings(inputs.input_ids), e.position_embeddings(encoder.positionsOf(inputs)));
    let x = e.drop(e.LayerNorm(words)); // [B, T, C]
    for (const block of transformer.layer) x = block(tap("hidden_states", x), mask);
    return tap("hidden_states", x);
  });
};

const wordScores = (c: DistilBertConfig) => {
  const [C, V] = [c.dim, c.vocab_size];
  const untied = c.tie_word_embeddings ? {} : { weight: nn.param([V, C], nn.normal(c.initializer_range)) };
  const vocab_projector = { ...untied, bias: nn.param([V], nn.constant(0)) };
  const parts = { vocab_transform: nn.linear(C, C, small(c)), vocab_layer_norm: norm(c), vocab_projector };
  return nn.layer({ distilbert: model(c), ...parts }, ({ distilbert, vocab_projector, ...p }, inputs: Inputs) => {
    const h = p.vocab_layer_norm(nn.activations[c.activation](p.vocab_transform(distilbert(inputs))));
    const { weight = distilbert.embeddings.word_embeddings.weight, bias } = vocab_projector;
    return encoder.tiedLogits(h, weight, bias); // [B, T, V]
  });
};

/** A layer more on the first token. */
const rowScores = (c: DistilBertConfig, count: number) => {
  const parts = { distilbert: model(c), drop: nn.dropout(c.seq_classif_dropout), classifier: classes(c, count) };
  const pre_classifier = nn.linear(c.dim, c.dim, small(c));
  return nn.layer({ ...parts, pre_classifier }, ({ distilbert, pre_classifier, drop, classifier }, inputs: Inputs) =>
    classifier(drop(relu(pre_classifier(nn.clsPooling(distilbert(inputs)))))),
  );
};

const tokenScores = (c: DistilBertConfig, count: number) =>
  nn.layer(
    { distilbert: model(c), drop: nn.dropout(c.dropout), classifier: classes(c, count) },
    ({ distilbert, drop, classifier }, inputs: Inputs) => classifier(drop(distilbert(inputs))),
  );

const spanScores = (c: DistilBertConfig, count: number) =>
  nn.layer(
    { distilbert: model(c), drop: nn.dropout(c.qa_dropout), qa_outputs: classes(c, count) },
    ({ distilbert, drop, qa_outputs }, inputs: Inputs) => qa_outputs(drop(distilbert(inputs))),
  );

const norm = (c: DistilBertConfig) => nn.layerNorm(c.dim, { eps: 1e-12 });
const small = (c: DistilBertConfig) => ({ init: nn.normal(c.initializer_range) });
const classes = (c: DistilBertConfig, count: number) => nn.linear(c.dim, count, encoder.headStart);

const { token_type_ids: _, ...inputs } = encoder.encoderInputs;
const heads = scoredHeads(inputs);
export const distilbert = architecture({
  spec: {
    modelType: "distilbert",
    fields,
    synonyms: { hidden_size: "dim", num_attention_heads: "n_heads", num_hidden_layers: "n_layers" },
    contradiction: field.multipleOf("dim", "n_heads"),
  },
  heads: {
    DistilBertForMaskedLM: heads.maskedLm(wordScores),
    DistilBertForSequenceClassification: heads.sequenceClassification(rowScores),
    DistilBertForTokenClassification: heads.tokenClassification(tokenScores),
    DistilBertForQuestionAnswering: heads.questionAnswering(spanScores),
    DistilBertForMultipleChoice: heads.multipleChoice(rowScores),
    DistilBertModel: heads.states(model),
  },
  fileNames: {
    prefixes: ["distilbert"],
    buffers: encoder.encoderBuffers,
    tied: { "vocab_projector.weight": "distilbert.embeddings.word_embeddings.weight" },
  },
  tiny: { vocab_size: 23, max_position_embeddings: 16, dim: 12, n_layers: 2, n_heads: 3, hidden_dim: 20 },
  limits: { vocabulary: "vocab_size", positions: "max_position_embeddings" },
});
