/**
 * ModernBERT: BERT as it would be built in 2024; trained to fill in masked tokens, for texts of up to 8,192.
 * Paper: Warner et al. 2024, arXiv:2412.13663. Checkpoint: `answerdotai/ModernBERT-base`.
 */
import * as nn from "../nn/index.ts";
import { argmax, type Float, matmul, oneHot, sizes, squeeze, unsqueeze } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import * as encoder from "./encoder.ts";
import { layerCount } from "./layer-types.ts";
import { type ModernBertConfig, modernBertBody, modernBertFields, norm, small } from "./modernbert-encoder.ts";
import { scoredHeads } from "./scored-heads.ts";

type Inputs = encoder.EncoderInputs;

const predictionHead = (c: ModernBertConfig) => {
  const dense = nn.linear(c.hidden_size, c.hidden_size, { bias: c.classifier_bias, ...small(c) });
  return nn.layer({ dense, norm: norm(c) }, ({ dense, norm }, x: Float) =>
    norm(nn.activations[c.classifier_activation](dense(x))),
  );
};

/** A score for each word: one more layer, and the words' own vectors unless they are untied. */
const wordScores = (c: ModernBertConfig) => {
  const { hidden_size: C, vocab_size: V } = c;
  const decoder = {
    ...(c.tie_word_embeddings ? {} : { weight: nn.param([V, C], nn.normal(c.initializer_range)) }),
    ...(c.decoder_bias ? { bias: nn.param([V], nn.constant(0)) } : {}),
  };
  return nn.layer(
    { model: modernBertBody(c), head: predictionHead(c), decoder },
    ({ model, head, decoder }, inputs: Inputs) => {
      const { weight = model.embeddings.tok_embeddings.weight, bias } = decoder;
      return encoder.tiedLogits(head(model(inputs)), weight, bias); // [B, T, V]
    },
  );
};

/** `pool` makes one vector of a row. */
const rowScores = (pool: (c: ModernBertConfig) => nn.Pooling) => (c: ModernBertConfig, count: number) =>
  nn.layer(
    {
      model: modernBertBody(c),
      head: predictionHead(c),
      drop: nn.dropout(c.classifier_dropout),
      classifier: classes(c, count),
    },
    ({ model, head, drop, classifier }, inputs: Inputs) =>
      classifier(drop(head(pool(c)(model(inputs), inputs.attention_mask)))),
  );
const pooling = (c: ModernBertConfig) => (c.classifier_pooling === "cls" ? nn.clsPooling : nn.meanPooling);
const choicePooling = (c: ModernBertConfig) => (c.classifier_pooling === "cls" ? firstReal : nn.meanPooling);

/** The first that is no padding: x [B, T, C] → [B, C]. */
const firstReal: nn.Pooling = (x, mask) => {
  const [, T] = sizes(x, "B T C");
  return mask ? squeeze(matmul(unsqueeze(oneHot(argmax(mask, 1), T), 1), x), 1) : nn.clsPooling(x);
};

const tokenScores = (c: ModernBertConfig, count: number) =>
  nn.layer(
    {
      model: modernBertBody(c),
      head: predictionHead(c),
      drop: nn.dropout(c.classifier_dropout),
      classifier: classes(c, count),
    },
    ({ model, head, drop, classifier }, inputs: Inputs) => classifier(drop(head(model(inputs)))),
  );

const classes = (c: ModernBertConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);

const { token_type_ids: _, ...inputs } = encoder.encoderInputs;
const heads = scoredHeads(inputs);
export const modernbert = architecture({
  spec: {
    modelType: "modernbert",
    fields: modernBertFields,
    contradiction: (c) => encoder.headsShareWidth(c) ?? layerCount(c, c.num_hidden_layers),
  },
  heads: {
    ModernBertForMaskedLM: heads.maskedLm(wordScores),
    ModernBertForSequenceClassification: heads.sequenceClassification(rowScores(pooling)),
    ModernBertForTokenClassification: heads.tokenClassification(tokenScores),
    ModernBertForQuestionAnswering: heads.questionAnswering(tokenScores),
    ModernBertForMultipleChoice: heads.multipleChoice(rowScores(choicePooling)),
    ModernBertModel: heads.states(modernBertBody),
  },
  fileNames: {
    prefixes: ["model"],
    buffers: encoder.encoderBuffers,
    tied: { "decoder.weight": "model.embeddings.tok_embeddings.weight" },
  },
  tiny: { ...encoder.tinyEncoder, num_hidden_layers: 3, local_attention: 4 },
  limits: { vocabulary: "vocab_size", positions: "max_position_embeddings", unbounded: () => true },
});
