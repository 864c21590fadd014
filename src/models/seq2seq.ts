/**
 * Encoder and decoder as recurrent networks: a source is read into states, from which a target is written token by
 * token. Fixed context: Sutskever et al. 2014 (arXiv:1409.3215), Cho et al. 2014 (arXiv:1406.1078). Attention: Bahdanau
 * et al. 2015 (arXiv:1409.0473), Luong et al. 2015 (arXiv:1508.04025). The names of inputs are Hugging Face's.
 */
import * as nn from "../nn/index.ts";
import {
  crossEntropy,
  type Float,
  greater,
  type Ids,
  permute,
  tanh,
  tap,
  transpose,
  unsqueeze,
  zerosLike,
} from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import * as field from "./config.ts";
import { decoderOf, networkOf } from "./recurrent-choices.ts";
import { recurrentEncoder } from "./recurrent-encoder.ts";
import { scheduledSampling, teacherForced } from "./recurrent-loop.ts";
import { cache, inputs, reading, type Seq2seqInputs, source } from "./seq2seq-inputs.ts";
import { shiftRight } from "./shift-right.ts";

const fields = {
  cell: field.oneOf(["rnn", "lstm", "gru"], "gru"),
  attention: field.oneOf(["none", "additive", "dot", "general", "concat", "scaled-dot", "local-p"], "additive"),
  source_vocab_size: field.whole(8000),
  target_vocab_size: field.whole(8000),
  embedding_size: field.whole(256),
  hidden_size: field.whole(512),
  num_layers: field.depth(1),
  bidirectional: field.flag(true), // the encoder
  dropout: field.rate(0.2),
  forget_bias: field.optionalNumber(), // the first biases of an LSTM's gates (see nn.lstm); null: drawn, as PyTorch's are
  input_bias: field.optionalNumber(),
  reverse_source: field.flag(false),
  context_every_step: field.flag(false), // without attention: Cho's decoder; else Sutskever's
  input_feeding: field.flag(true), // of Luong's decoder
  attention_window: field.whole(10), // of local-p, to either side
  readout_size: field.optionalWhole(), // a layer before the vocabulary (Bahdanau et al., A.2.2); null: none
  pad_token_id: field.tokenId(0),
  decoder_start_token_id: field.tokenId(1),
};
export type Seq2seqConfig = field.ConfigOf<typeof fields>;

const model = (c: Seq2seqConfig) => {
  const { embedding_size: embedding, hidden_size: hidden, num_layers: layers, readout_size: R } = c;
  const { bidirectional, dropout, reverse_source: reverse, source_vocab_size: vocabulary } = c;
  const { step: decoder, width, attentional } = decoderOf(c);
  const network = networkOf(c);
  const parts = {
    encoder: recurrentEncoder({ network, vocabulary, embedding, hidden, layers, bidirectional, dropout, reverse }),
    embedding: nn.embedding(c.target_vocab_size, embedding, { init: nn.normal(0.1) }),
    decoder,
    ...(R !== null && { readout: nn.linear(width, R) }),
    lm_head: nn.linear(R ?? width, c.target_vocab_size),
    drop: nn.dropout(dropout),
  };
  return nn.layer(parts, ({ encoder, embedding, decoder, readout, lm_head, drop }, inputs: Seq2seqInputs) => {
    const { attention_mask: seen, labels, teacher_forcing, decoder_state } = inputs;
    const first = inputs.encoder_state?.map(({ hidden, cell }) => (cell ? [hidden, cell] : [hidden]));
    const encoded = decoder_state ? undefined : encoder(inputs.input_ids!, seen, first);
    for (const x of encoded?.last ?? []) tap("encoder_end", x);
    const states = encoded?.states ?? inputs.encoder_hidden_states!;
    const context = encoded?.context ?? inputs.encoder_last_state!;
    const begin = encoded && (attentional ? [zerosLike(context), ...encoded.last] : encoded.last);
    for (const x of begin ?? []) tap("decoder_start", x);
    const read = { states, context, mask: seen && nn.additive(greater(seen, 0)) };

    const { decoder_start_token_id: start, pad_token_id: pad } = c;
    const ids = transpose(inputs.decoder_input_ids ?? shiftRight(labels!, { start, pad })); // [T, B]
    const embed = (ids: Ids) => drop(embedding(ids));
    const predict = (x: Float) => lm_head(readout ? tanh(readout(drop(x))) : drop(x)); // [..., V]
    const written = teacher_forcing
      ? scheduledSampling(
          decoder,
          { ids, forced: transpose(teacher_forcing), embed, predict },
          decoder_state ?? begin!,
          read,
        )
      : teacherForced(decoder, embed(ids), decoder_state ?? begin!, read);
    for (const x of written.carry) tap("decoder_state", x);
    if (written.weights) tap("cross_attentions", unsqueeze(permute(written.weights, [1, 0, 2]), 1), weighed(c));
    const output = permute(written.output, [1, 0, 2]); // [B, T, …]
    const logits = teacher_forcing ? output : predict(output);
    return {
      logits,
      encoder_hidden_states: states,
      encoder_last_state: context,
      ...(labels && { loss: crossEntropy(logits, labels) }),
    };
  });
};

const weighed = ({ attention }: Seq2seqConfig) =>
  ({ axes: ["batch", "head", "query", "key"], domain: attention === "local-p" ? "positive" : "probability" }) as const;

export const seq2seq = architecture({
  spec: {
    modelType: "seq2seq",
    fields,
    synonyms: { vocab_size: "target_vocab_size" },
    contradiction: ({ bidirectional, hidden_size }) =>
      bidirectional && hidden_size % 2 === 1
        ? `hidden_size ${hidden_size} is odd, but each direction of the encoder has half of it; set bidirectional=false`
        : undefined,
  },
  heads: { Seq2seqForConditionalGeneration: { build: model, task: "translation", inputs: () => inputs } },
  fileNames: { prefixes: [], buffers: [], tied: {} },
  tiny: { source_vocab_size: 23, target_vocab_size: 19, embedding_size: 6, hidden_size: 8, num_layers: 2 },
  limits: { vocabulary: "target_vocab_size", sourceVocabulary: "source_vocab_size" },
  source,
  cache,
  reading,
  inTransformers: false,
});
