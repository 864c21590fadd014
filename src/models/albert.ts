/**
 * ALBERT: BERT with one block for all layers (or one for each group of them) and narrow vectors of words, trained to
 * fill in masked tokens and to tell whether two texts are in order.
 * Paper: Lan et al. 2019, arXiv:1909.11942. Checkpoint: `albert/albert-base-v2`.
 */
import * as nn from "../nn/index.ts";
import { add, crossEntropy, type Float, type Ids, tanh } from "../tensor/index.ts";
import { type AlbertConfig, albertFields, albertLayers, small } from "./albert-encoder.ts";
import { architecture } from "./architecture.ts";
import { bertEmbeddings } from "./bert-encoder.ts";
import * as encoder from "./encoder.ts";
import { scoredHeads } from "./scored-heads.ts";

type Inputs = encoder.EncoderInputs;
type Pairs = Inputs & { readonly labels?: Ids; readonly sentence_order_label?: Ids };

const body = (c: AlbertConfig) => ({
  embeddings: bertEmbeddings(c, { dim: c.embedding_size }),
  encoder: albertLayers(c),
});
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

const classes = (c: AlbertConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);
const drop = (c: AlbertConfig) => nn.dropout(c.classifier_dropout_prob ?? c.hidden_dropout_prob);

const heads = scoredHeads(encoder.encoderInputs);
export const albert = architecture({
  spec: { modelType: "albert", fields: albertFields, contradiction: encoder.headsShareWidth },
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
    prefixes: ["albert"],
    buffers: encoder.encoderBuffers,
    tied: {
      "predictions.decoder.weight": "albert.embeddings.word_embeddings.weight",
      "predictions.decoder.bias": "predictions.bias",
    },
  },
  tiny: { ...encoder.tinyEncoder, embedding_size: 8 },
  limits: encoder.encoderLimits,
});
