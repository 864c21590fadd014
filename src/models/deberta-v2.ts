/**
 * DeBERTa-v2, and v3 by its settings: an encoder whose attention tells content from relative place, and whose first layer
 * may have a convolution beside it.
 * Papers: He et al. 2020, arXiv:2006.03654; 2021, arXiv:2111.09543. Checkpoints: `microsoft/deberta-v2-xlarge`,
 * `microsoft/deberta-v3-base`.
 */
import * as nn from "../nn/index.ts";
import type { Float } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { type DebertaConfig, debertaContradiction, debertaFields, norm, small } from "./deberta-config.ts";
import { debertaEmbeddings, debertaEncoder } from "./deberta-encoder.ts";
import * as encoder from "./encoder.ts";
import { sharedOut } from "./losses.ts";
import { scoredHeads } from "./scored-heads.ts";

type Inputs = encoder.EncoderInputs;

const model = (c: DebertaConfig) =>
  nn.layer(
    { embeddings: debertaEmbeddings(c), encoder: debertaEncoder(c) },
    ({ embeddings, encoder }, inputs: Inputs) => encoder(embeddings(inputs), inputs.attention_mask),
  ); // [B, T, C]

/** A score for each word: one more layer, as wide as the words' vectors, and those again unless they are untied. */
const legacyHead = (c: DebertaConfig) => {
  const { embedding_size: E, vocab_size: V } = c;
  const transform = {
    dense: nn.linear(c.hidden_size, E, small(c)),
    LayerNorm: nn.layerNorm(E, { eps: c.layer_norm_eps }),
  };
  const untied = c.tie_word_embeddings ? {} : { decoder: nn.linear(E, V, small(c)) };
  const parts = { transform, bias: nn.param([V], nn.constant(0)), ...untied };
  return nn.layer(parts, ({ transform, bias, decoder }, x: Float, words: Float) => {
    const h = transform.LayerNorm(nn.activations[c.hidden_act](transform.dense(x)));
    return decoder ? decoder(h) : encoder.tiedLogits(h, words, bias); // [B, T, V]
  });
};

/** The same, as the papers' own code has it: always with the words' vectors. */
const ownHead = (c: DebertaConfig) => {
  const { hidden_size: C, vocab_size: V } = c;
  const parts = { dense: nn.linear(C, C, small(c)), LayerNorm: norm(c), bias: nn.param([V], nn.constant(0)) };
  return nn.layer(parts, ({ dense, LayerNorm, bias }, x: Float, words: Float) =>
    encoder.tiedLogits(LayerNorm(nn.activations[c.hidden_act](dense(x))), words, bias),
  );
};

const wordScores = (c: DebertaConfig) =>
  c.legacy
    ? nn.layer({ deberta: model(c), cls: { predictions: legacyHead(c) } }, ({ deberta, cls }, inputs: Inputs) =>
        cls.predictions(deberta(inputs), deberta.embeddings.word_embeddings.weight),
      )
    : nn.layer(
        { deberta: model(c), lm_predictions: { lm_head: ownHead(c) } },
        ({ deberta, lm_predictions }, inputs: Inputs) =>
          lm_predictions.lm_head(deberta(inputs), deberta.embeddings.word_embeddings.weight),
      );

/** A layer more on the first token. */
const rowScores = (c: DebertaConfig, count: number) => {
  const pooler = { dense: nn.linear(c.hidden_size, c.hidden_size, small(c)), drop: nn.dropout(c.pooler_dropout) };
  const drop = nn.dropout(c.cls_dropout ?? c.hidden_dropout_prob);
  const parts = { deberta: model(c), pooler, drop, classifier: classes(c, count) };
  return nn.layer(parts, ({ deberta, pooler, drop, classifier }, inputs: Inputs) => {
    const first = pooler.drop(nn.clsPooling(deberta(inputs)));
    return classifier(drop(nn.activations[c.pooler_hidden_act](pooler.dense(first))));
  });
};

const tokenScores = (c: DebertaConfig, count: number) =>
  nn.layer(
    { deberta: model(c), drop: nn.dropout(c.hidden_dropout_prob), classifier: classes(c, count) },
    ({ deberta, drop, classifier }, inputs: Inputs) => classifier(drop(deberta(inputs))),
  );

const spanScores = (c: DebertaConfig, count: number) =>
  nn.layer({ deberta: model(c), qa_outputs: classes(c, count) }, ({ deberta, qa_outputs }, inputs: Inputs) =>
    qa_outputs(deberta(inputs)),
  );

const classes = (c: DebertaConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);

const heads = scoredHeads(encoder.encoderInputs);
export const debertaV2 = architecture({
  spec: { modelType: "deberta-v2", fields: debertaFields, contradiction: debertaContradiction },
  heads: {
    DebertaV2ForMaskedLM: heads.maskedLm(wordScores),
    DebertaV2ForSequenceClassification: heads.sequenceClassification(rowScores, sharedOut),
    DebertaV2ForTokenClassification: heads.tokenClassification(tokenScores),
    DebertaV2ForQuestionAnswering: heads.questionAnswering(spanScores),
    DebertaV2ForMultipleChoice: heads.multipleChoice(rowScores),
    DebertaV2Model: heads.states(model),
  },
  fileNames: {
    prefixes: ["deberta"],
    buffers: [...encoder.encoderBuffers, /^\.(mask|lm)_predictions\./, /\.embeddings\.position_embeddings\.weight$/],
    tied: {
      "cls.predictions.decoder.weight": "deberta.embeddings.word_embeddings.weight",
      "cls.predictions.decoder.bias": "cls.predictions.bias",
    },
  },
  tiny: {
    ...{
      ...encoder.tinyEncoder,
      type_vocab_size: 2,
      relative_attention: true,
      position_buckets: 4,
      conv_kernel_size: 3,
    },
    ...{ pos_att_type: ["c2p", "p2c"], norm_rel_ebd: "layer_norm", position_biased_input: false },
  },
  limits: { ...encoder.encoderLimits, unbounded: (c) => !c.position_biased_input },
});
