/**
 * RoBERTa: BERT's encoder, trained longer on more text, with masked tokens alone as its objective. Places are counted
 * over the tokens that are no padding, from the one after padding's id.
 * Paper: Liu et al. 2019, arXiv:1907.11692. Checkpoint: `FacebookAI/roberta-base`.
 */
import * as nn from "../nn/index.ts";
import { add, cast, cumsum, type Float, gelu, mul, notEqual, tanh } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { bertEmbeddings, bertEncoder, bertFields, bertPooler, small } from "./bert-encoder.ts";
import * as field from "./config.ts";
import * as encoder from "./encoder.ts";
import { scoredHeads } from "./scored-heads.ts";

const fields = { ...bertFields, vocab_size: field.whole(50265), pad_token_id: field.tokenId(1) };
export type RobertaConfig = field.ConfigOf<typeof fields>;
type Inputs = encoder.EncoderInputs;

/** pad + 1, pad + 2 … where tokens are, pad where padding is. [B, T] */
const places = (c: RobertaConfig) => (inputs: Inputs) => {
  const real = cast(notEqual(inputs.input_ids, c.pad_token_id), "int64");
  return inputs.position_ids ?? add(mul(cumsum(real, 1), real), c.pad_token_id);
};

const body = (c: RobertaConfig) => ({
  embeddings: bertEmbeddings(c, { positions: places(c), unplaced: c.pad_token_id }),
  encoder: bertEncoder(c),
});
const read = (parts: ReturnType<typeof body>, inputs: Inputs) =>
  parts.encoder(parts.embeddings(inputs), encoder.encoderMask(inputs)); // [B, T, C]

const model = (c: RobertaConfig) => nn.layer(body(c), read);
const pooledModel = (c: RobertaConfig) =>
  nn.layer({ ...body(c), pooler: bertPooler(c) }, (parts, inputs: Inputs) => {
    const last_hidden_state = read(parts, inputs);
    return { last_hidden_state, pooler_output: parts.pooler(last_hidden_state) }; // [B, T, C], [B, C]
  });

/** A score for each word: one more layer, and the words' own vectors unless they are untied. */
const lmHead = (c: RobertaConfig) => {
  const { hidden_size: C, vocab_size: V } = c;
  const untied = c.tie_word_embeddings ? {} : { decoder: nn.linear(C, V, small(c)) };
  const layer_norm = nn.layerNorm(C, { eps: c.layer_norm_eps });
  const parts = { dense: nn.linear(C, C, small(c)), layer_norm, bias: nn.param([V], nn.constant(0)), ...untied };
  return nn.layer(parts, ({ dense, layer_norm, bias, decoder }, x: Float, words: Float) => {
    const h = layer_norm(gelu(dense(x)));
    return decoder ? decoder(h) : encoder.tiedLogits(h, words, bias); // [B, T, V]
  });
};

const wordScores = (c: RobertaConfig) =>
  nn.layer({ roberta: model(c), lm_head: lmHead(c) }, ({ roberta, lm_head }, inputs: Inputs) =>
    lm_head(roberta(inputs), roberta.embeddings.word_embeddings.weight),
  );

/** A layer more on the first token. */
const rowScores = (c: RobertaConfig, count: number) => {
  const classifier = { dense: nn.linear(c.hidden_size, c.hidden_size, small(c)), out_proj: classes(c, count) };
  return nn.layer({ roberta: model(c), drop: drop(c), classifier }, ({ roberta, drop, classifier }, inputs: Inputs) => {
    const first = drop(nn.clsPooling(roberta(inputs)));
    return classifier.out_proj(drop(tanh(classifier.dense(first))));
  });
};

const tokenScores = (c: RobertaConfig, count: number) =>
  nn.layer(
    { roberta: model(c), drop: drop(c), classifier: classes(c, count) },
    ({ roberta, drop, classifier }, inputs: Inputs) => classifier(drop(roberta(inputs))),
  );

const spanScores = (c: RobertaConfig, count: number) =>
  nn.layer({ roberta: model(c), qa_outputs: classes(c, count) }, ({ roberta, qa_outputs }, inputs: Inputs) =>
    qa_outputs(roberta(inputs)),
  );

const answerScores = (c: RobertaConfig, count: number) =>
  nn.layer(
    { roberta: pooledModel(c), drop: nn.dropout(c.hidden_dropout_prob), classifier: classes(c, count) },
    ({ roberta, drop, classifier }, inputs: Inputs) => classifier(drop(roberta(inputs).pooler_output)),
  );

const classes = (c: RobertaConfig, count: number) => nn.linear(c.hidden_size, count, encoder.headStart);
const drop = (c: RobertaConfig) => nn.dropout(c.classifier_dropout ?? c.hidden_dropout_prob);

const heads = scoredHeads(encoder.encoderInputs);
export const roberta = architecture({
  spec: { modelType: "roberta", fields, contradiction: encoder.headsShareWidth },
  heads: {
    RobertaForMaskedLM: heads.maskedLm(wordScores),
    RobertaForSequenceClassification: heads.sequenceClassification(rowScores),
    RobertaForTokenClassification: heads.tokenClassification(tokenScores),
    RobertaForQuestionAnswering: heads.questionAnswering(spanScores),
    RobertaForMultipleChoice: heads.multipleChoice(answerScores),
    RobertaModel: heads.bare(pooledModel),
  },
  fileNames: {
    prefixes: ["roberta"],
    buffers: encoder.encoderBuffers,
    tied: {
      "lm_head.decoder.weight": "roberta.embeddings.word_embeddings.weight",
      "lm_head.decoder.bias": "lm_head.bias",
    },
  },
  tiny: { ...encoder.tinyEncoder, pad_token_id: 1 },
  limits: { ...encoder.encoderLimits, firstPosition: (c) => c.pad_token_id + 1 },
});
