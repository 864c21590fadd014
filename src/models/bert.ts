/**
 * BERT: a bidirectional Transformer encoder that learns to fill in masked tokens and to tell whether one text follows
 * another, and is then fine-tuned with a small head for each task.
 * Paper: Devlin et al. 2018, arXiv:1810.04805. Checkpoint: `google-bert/bert-base-uncased`.
 */
import * as nn from "../nn/index.ts";
import { add, crossEntropy, type Float, type Ids } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { type BertConfig, bertEmbeddings, bertEncoder, bertFields, bertPooler, small } from "./bert-encoder.ts";
import * as encoder from "./encoder.ts";
import { scoredHeads } from "./scored-heads.ts";

type Inputs = encoder.EncoderInputs;
type Pairs = Inputs & { readonly labels?: Ids; readonly next_sentence_label?: Ids };

const body = (c: BertConfig) => ({ embeddings: bertEmbeddings(c), encoder: bertEncoder(c) });
const read = (parts: ReturnType<typeof body>, inputs: Inputs) =>
  parts.encoder(parts.embeddings(inputs), encoder.encoderMask(inputs)); // [B, T, C]

const model = (c: BertConfig) => nn.layer(body(c), read);
const pooledModel = (c: BertConfig) =>
  nn.layer({ ...body(c), pooler: bertPooler(c) }, (parts, inputs: Inputs) => {
    const last_hidden_state = read(parts, inputs);
    return { last_hidden_state, pooler_output: parts.pooler(last_hidden_state) }; // [B, T, C], [B, C]
  });

/** A score for each word: one more layer, and the words' own vectors unless they are untied. */
const predictions = (c: BertConfig) => {
  const { hidden_size: C, vocab_size: V } = c;
  const transform = { dense: nn.linear(C, C, small(c)), LayerNorm: nn.layerNorm(C, { eps: c.layer_norm_eps }) };
  const untied = c.tie_word_embeddings ? {} : { decoder: nn.linear(C, V, small(c)) };
  const parts = { transform, bias: nn.param([V], nn.constant(0)), ...untied };
  return nn.layer(parts, ({ transform, bias, decoder }, x: Float, words: Float) => {
    const h = transform.LayerNorm(nn.activations[c.hidden_act](transform.dense(x)));
    return decoder ? decoder(h) : encoder.tiedLogits(h, words, bias); // [B, T, V]
  });
};

const preTraining = (c: BertConfig) =>
  nn.layer(
    { bert: pooledModel(c), cls: { predictions: predictions(c), seq_relationship: classes(c, 2) } },
    ({ bert, cls }, { labels, next_sentence_label: next, ...inputs }: Pairs) => {
      const { last_hidden_state, pooler_output } = bert(inputs);
      const prediction_logits = cls.predictions(last_hidden_state, bert.embeddings.word_embeddings.weight);
      const seq_relationship_logits = cls.seq_relationship(pooler_output); // [B, 2]
      const loss =
        labels && next && add(crossEntropy(prediction_logits, labels), crossEntropy(seq_relationship_logits, next));
      return { prediction_logits, seq_relationship_logits, ...(loss && { loss }) };
    },
  );

const wordScores = (c: BertConfig) =>
  nn.layer({ bert: model(c), cls: { predictions: predictions(c) } }, ({ bert, cls }, inputs: Inputs) =>
    cls.predictions(bert(inputs), bert.embeddings.word_embeddings.weight),
  );

/** Does the second text follow the first (0), or is it from elsewhere (1)? */
const nextScores = (c: BertConfig) =>
  nn.layer({ bert: pooledModel(c), cls: { seq_relationship: classes(c, 2) } }, ({ bert, cls }, inputs: Inputs) =>
    cls.seq_relationship(bert(inputs).pooler_output),
  );

const rowScores = (c: BertConfig, count: number) =>
  nn.layer(
    { bert: pooledModel(c), drop: drop(c), classifier: classes(c, count) },
    ({ bert, drop, classifier }, inputs: Inputs) => classifier(drop(bert(inputs).pooler_output)),
  );

const tokenScores = (c: BertConfig, count: number) =>
  nn.layer(
    { bert: model(c), drop: drop(c), classifier: classes(c, count) },
    ({ bert, drop, classifier }, inputs: Inputs) => classifier(drop(bert(inputs))),
  );

const spanScores = (c: BertConfig, count: number) =>
  nn.layer({ bert: model(c), qa_outputs: classes(c, count) }, ({ bert, qa_outputs }, inputs: Inputs) =>
    qa_outputs(bert(inputs)),
  );

const classes = (c: BertConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);
const drop = (c: BertConfig) => nn.dropout(c.classifier_dropout ?? c.hidden_dropout_prob);

const heads = scoredHeads(encoder.encoderInputs);
export const bert = architecture({
  spec: { modelType: "bert", fields: bertFields, contradiction: encoder.headsShareWidth },
  heads: {
    BertForMaskedLM: heads.maskedLm(wordScores),
    BertForPreTraining: heads.pretraining(preTraining),
    BertForNextSentencePrediction: heads.nextSentence(nextScores),
    BertForSequenceClassification: heads.sequenceClassification(rowScores),
    BertForTokenClassification: heads.tokenClassification(tokenScores),
    BertForQuestionAnswering: heads.questionAnswering(spanScores),
    BertForMultipleChoice: heads.multipleChoice(rowScores),
    BertModel: heads.bare(pooledModel),
  },
  fileNames: {
    prefixes: ["bert"],
    buffers: encoder.encoderBuffers,
    tied: {
      "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
      "cls.predictions.decoder.bias": "cls.predictions.bias",
    },
  },
  tiny: encoder.tinyEncoder,
  limits: encoder.encoderLimits,
});
