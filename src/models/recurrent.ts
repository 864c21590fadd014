/**
 * Recurrent language models: an embedding, layers of RNN, LSTM or GRU, and the next token from the last one's state
 * (Mikolov et al. 2010, "Recurrent neural network based language model"; Graves 2013, arXiv:1308.0850). Dropout stands
 * between layers and never in the recurrence (Zaremba, Sutskever & Vinyals 2014, arXiv:1409.2329).
 */
import * as nn from "../nn/index.ts";
import { cast, type Float, type Ids, rearrange, tap, transpose } from "../tensor/index.ts";
import { architecture, type DecoderInputs, decoderInputs } from "./architecture.ts";
import { causalLoss, lastPositions } from "./causal.ts";
import * as field from "./config.ts";
import type { Cache } from "./memory.ts";

const sizes = {
  vocab_size: field.whole(10_000),
  embedding_size: field.whole(128),
  hidden_size: field.whole(128),
  num_layers: field.depth(2),
  dropout: field.rate(0),
};

export interface RecurrentInputs extends Pick<DecoderInputs, "input_ids" | "attention_mask" | "labels"> {
  readonly logits_to_keep?: number;
  /** Where each layer goes on from, "cell" in an LSTM only; zeros unless given. [B, H] each */
  readonly state?: readonly { readonly hidden: Float; readonly cell?: Float }[];
}
const { input_ids, attention_mask, labels } = decoderInputs;
const inputs = () => ({ input_ids, attention_mask, labels });

interface Sizes {
  readonly vocab_size: number;
  readonly embedding_size: number;
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly dropout: number;
}

/** Every layer's last state is tapped as "last_hidden" and "last_cell". */
function languageModel({ vocab_size, embedding_size, hidden_size, dropout }: Sizes, rnn: nn.Recurrent) {
  const parts = {
    embedding: nn.embedding(vocab_size, embedding_size, { init: nn.normal(1) }), // PyTorch's
    rnn,
    output: nn.linear(hidden_size, vocab_size),
    drop: nn.dropout(dropout),
  };
  return nn.layer(parts, ({ embedding, rnn, output, drop }, inputs: RecurrentInputs) => {
    const { input_ids, attention_mask, labels, logits_to_keep } = inputs;
    const state = inputs.state?.map(({ hidden, cell }) => (cell ? [hidden, cell] : [hidden]));
    const mask = attention_mask && cast(transpose(attention_mask), "float32"); // [T, B]
    const last = rnn(drop(embedding(transpose(input_ids) as Ids)), { state, mask });
    for (const [hidden, cell] of last.state) {
      tap("last_hidden", hidden!, { axes: ["batch", "unit"], domain: "signed" });
      if (cell) tap("last_cell", cell, { axes: ["batch", "unit"], domain: "signed" });
    }
    const x = lastPositions(rearrange(last.y, "t b h -> b t h"), logits_to_keep);
    const logits = output(drop(x)); // [B, T, V]
    return { logits, ...causalLoss(logits, labels) };
  });
}

const remembers =
  (...names: readonly string[]) =>
  ({ num_layers, hidden_size }: Sizes): Cache =>
    Object.fromEntries(
      Array.from({ length: num_layers }, (_, i) =>
        names.map((name) => [
          `state.${i}.${name}`,
          { kind: "state", shape: ["batch", hidden_size], left: `last_${name}.${i}` } as const,
        ]),
      ).flat(),
    );

const shared = {
  fileNames: { prefixes: [], buffers: [], tied: {} },
  tiny: { vocab_size: 23, embedding_size: 6, hidden_size: 8, num_layers: 2 },
  ...({ limits: { vocabulary: "vocab_size" }, inTransformers: false } as const),
} as const;
const head = <Config>(build: (config: Config) => ReturnType<typeof languageModel>) => ({
  ...{ build, inputs, task: "language-modeling" },
});
const stack = ({ num_layers: layers, dropout }: Sizes) => ({ layers, dropout });

const rnnFields = { cell: field.only("rnn"), nonlinearity: field.oneOf(["tanh", "relu"], "tanh"), ...sizes };
type RnnConfig = field.ConfigOf<typeof rnnFields>;
export const rnn = architecture({
  spec: { modelType: "rnn", fields: rnnFields },
  heads: {
    RnnForCausalLM: head((c: RnnConfig) => {
      const options = { nonlinearity: c.nonlinearity, ...stack(c) };
      return languageModel(c, nn.rnn(c.embedding_size, c.hidden_size, options));
    }),
  },
  ...shared,
  cache: remembers("hidden"),
});

/** `forget_bias` and `input_bias`: the first biases of those gates (see `nn.lstm`); null: drawn, as PyTorch's are. */
const lstmFields = {
  ...{ cell: field.only("lstm"), ...sizes },
  ...{ forget_bias: field.optionalNumber(), input_bias: field.optionalNumber() },
};
type LstmConfig = field.ConfigOf<typeof lstmFields>;
export const lstm = architecture({
  spec: { modelType: "lstm", fields: lstmFields },
  heads: {
    LstmForCausalLM: head((c: LstmConfig) => {
      const biases = { forgetBias: c.forget_bias ?? undefined, inputBias: c.input_bias ?? undefined };
      return languageModel(c, nn.lstm(c.embedding_size, c.hidden_size, { ...biases, ...stack(c) }));
    }),
  },
  ...shared,
  cache: remembers("hidden", "cell"),
});

const gruFields = { cell: field.only("gru"), ...sizes };
export const gru = architecture({
  spec: { modelType: "gru", fields: gruFields },
  heads: { GruForCausalLM: head((c: Sizes) => languageModel(c, nn.gru(c.embedding_size, c.hidden_size, stack(c)))) },
  ...shared,
  cache: remembers("hidden"),
});
