/**
 * ELECTRA: a small generator fills in masked tokens, and BERT's encoder learns to tell which tokens were replaced; its
 * vectors of words may be narrower than its layers.
 * Paper: Clark et al. 2020, arXiv:2003.10555. Checkpoint: `google/electra-small-discriminator`.
 */
import * as nn from "../nn/index.ts";
import { type Float, gelu, type Ids, squeeze } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { bertEmbeddings, bertEncoder, bertFields, small } from "./bert-encoder.ts";
import * as field from "./config.ts";
import * as encoder from "./encoder.ts";
import { binaryCrossEntropy, meanOfTokens } from "./losses.ts";
import { scoredHeads } from "./scored-heads.ts";

const fields = {
  ...bertFields,
  ...{ embedding_size: field.whole(128), hidden_size: field.whole(256) },
  ...{ num_attention_heads: field.whole(4), intermediate_size: field.whole(1024) },
  initializer_range: field.initialStd(0.02, "hidden_size", 256),
  ...{ summary_type: field.only("first"), summary_use_proj: field.only(true) },
  ...{ summary_proj_to_labels: field.only(false), summary_last_dropout: field.rate(0.1) },
  summary_activation: field.oneOf(nn.activationNames, "gelu"),
};
export type ElectraConfig = field.ConfigOf<typeof fields>;
type Inputs = encoder.EncoderInputs;
type Labelled = Inputs & { readonly labels?: Ids };

const model = (c: ElectraConfig) => {
  const [E, C] = [c.embedding_size, c.hidden_size];
  const wider = E === C ? {} : { embeddings_project: nn.linear(E, C, small(c)) };
  const parts = { embeddings: bertEmbeddings(c, { dim: E }), ...wider, encoder: bertEncoder(c) };
  return nn.layer(parts, ({ embeddings, embeddings_project, encoder: body }, inputs: Inputs) => {
    const x = embeddings(inputs); // [B, T, E]
    return body(embeddings_project?.(x) ?? x, encoder.encoderMask(inputs)); // [B, T, C]
  });
};

/** Was each token replaced? [B, T] */
const discriminator = (c: ElectraConfig) =>
  nn.layer({ dense: square(c), dense_prediction: classes(c, 1) }, ({ dense, dense_prediction }, x: Float) =>
    squeeze(dense_prediction(nn.activations[c.hidden_act](dense(x))), -1),
  );

const preTraining = (c: ElectraConfig) =>
  nn.layer(
    { electra: model(c), discriminator_predictions: discriminator(c) },
    ({ electra, discriminator_predictions }, { labels, ...inputs }: Labelled) => {
      const logits = discriminator_predictions(electra(inputs));
      if (!labels) return { logits };
      return { logits, loss: meanOfTokens(binaryCrossEntropy(logits, labels), inputs.attention_mask) };
    },
  );

const wordScores = (c: ElectraConfig) => {
  const [E, V] = [c.embedding_size, c.vocab_size];
  const untied = c.tie_word_embeddings ? {} : { weight: nn.param([V, E], nn.normal(c.initializer_range)) };
  const LayerNorm = nn.layerNorm(E, { eps: c.layer_norm_eps });
  const parts = {
    electra: model(c),
    generator_predictions: { LayerNorm, dense: nn.linear(c.hidden_size, E, small(c)) },
    generator_lm_head: { ...untied, bias: nn.param([V], nn.constant(0)) },
  };
  return nn.layer(parts, ({ electra, generator_predictions: p, generator_lm_head }, inputs: Inputs) => {
    const { weight = electra.embeddings.word_embeddings.weight, bias } = generator_lm_head;
    return encoder.tiedLogits(p.LayerNorm(gelu(p.dense(electra(inputs)))), weight, bias); // [B, T, V]
  });
};

/** A layer more on the first token. */
const rowScores = (c: ElectraConfig, count: number) =>
  nn.layer(
    { electra: model(c), drop: drop(c), classifier: { dense: square(c), out_proj: classes(c, count) } },
    ({ electra, drop, classifier }, inputs: Inputs) =>
      classifier.out_proj(drop(gelu(classifier.dense(drop(nn.clsPooling(electra(inputs))))))),
  );

const tokenScores = (c: ElectraConfig, count: number) =>
  nn.layer(
    { electra: model(c), drop: drop(c), classifier: classes(c, count) },
    ({ electra, drop, classifier }, inputs: Inputs) => classifier(drop(electra(inputs))),
  );

const spanScores = (c: ElectraConfig, count: number) =>
  nn.layer({ electra: model(c), qa_outputs: classes(c, count) }, ({ electra, qa_outputs }, inputs: Inputs) =>
    qa_outputs(electra(inputs)),
  );

const answerScores = (c: ElectraConfig, count: number) => {
  const sequence_summary = { summary: square(c), drop: nn.dropout(c.summary_last_dropout) };
  const parts = { electra: model(c), sequence_summary, classifier: classes(c, count) };
  return nn.layer(parts, ({ electra, sequence_summary: { summary, drop }, classifier }, inputs: Inputs) =>
    classifier(drop(nn.activations[c.summary_activation](summary(nn.clsPooling(electra(inputs)))))),
  );
};

const square = (c: ElectraConfig) => nn.linear(c.hidden_size, c.hidden_size, small(c));
const classes = (c: ElectraConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);
const drop = (c: ElectraConfig) => nn.dropout(c.classifier_dropout ?? c.hidden_dropout_prob);

const heads = scoredHeads(encoder.encoderInputs);
export const electra = architecture({
  spec: { modelType: "electra", fields, contradiction: encoder.headsShareWidth },
  heads: {
    ElectraForPreTraining: heads.replacedTokens(preTraining),
    ElectraForMaskedLM: heads.maskedLm(wordScores),
    ElectraForSequenceClassification: heads.sequenceClassification(rowScores),
    ElectraForTokenClassification: heads.tokenClassification(tokenScores),
    ElectraForQuestionAnswering: heads.questionAnswering(spanScores),
    ElectraForMultipleChoice: heads.multipleChoice(answerScores),
    ElectraModel: heads.states(model),
  },
  fileNames: {
    prefixes: ["electra"],
    buffers: encoder.encoderBuffers,
    tied: { "generator_lm_head.weight": "electra.embeddings.word_embeddings.weight" },
  },
  tiny: { ...encoder.tinyEncoder, embedding_size: 8 },
  limits: encoder.encoderLimits,
});
