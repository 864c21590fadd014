/** What the names of cells and attentions in a `config.json` mean, and the decoder that follows from them. */
import * as nn from "../nn/index.ts";
import { bahdanauDecoder, contextDecoder, luongDecoder, plainDecoder, type Step } from "./recurrent-decoder.ts";

/** An LSTM's gates begin as `nn.lstm` says. */
const biasesOf = ({ forget_bias, input_bias }: Choice): nn.LstmOptions => ({
  forgetBias: forget_bias ?? undefined,
  inputBias: input_bias ?? undefined,
});

const cellOf = (c: Choice): ((inDim: number, hidden: number) => nn.Cell) =>
  ({
    rnn: nn.rnnCell,
    lstm: (inDim: number, hidden: number) => nn.lstmCell(inDim, hidden, biasesOf(c)),
    gru: nn.gruCell,
  })[c.cell];

export const networkOf = (c: Choice): ((inDim: number, hidden: number, options: nn.StackOptions) => nn.Recurrent) =>
  ({
    rnn: nn.rnn,
    lstm: (inDim: number, hidden: number, options: nn.StackOptions) =>
      nn.lstm(inDim, hidden, { ...biasesOf(c), ...options }),
    gru: nn.gru,
  })[c.cell];

const attentions = {
  additive: nn.additiveAttention,
  dot: nn.dotAttention,
  general: nn.generalAttention,
  concat: nn.concatAttention,
  "scaled-dot": nn.scaledDotAttention,
  "local-p": nn.localAttention,
};

export interface Choice {
  readonly cell: "rnn" | "lstm" | "gru";
  readonly attention: "none" | keyof typeof attentions;
  readonly embedding_size: number;
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly dropout: number;
  /** Of an LSTM. */
  readonly forget_bias: number | null;
  readonly input_bias: number | null;
  /** Without attention: Cho's decoder; else Sutskever's. */
  readonly context_every_step: boolean;
  /** Of Luong's. */
  readonly input_feeding: boolean;
  /** Of local-p. */
  readonly attention_window: number;
}

interface Decoder {
  readonly step: Step;
  /** How many numbers a step gives to predict from. */
  readonly width: number;
  /** It carries an attentional state before the cells'. */
  readonly attentional: boolean;
}

/** Bahdanau's where attention is additive, Luong's where it is another, one of the fixed context where there is none. */
export function decoderOf(c: Choice): Decoder {
  const { embedding_size: embedding, hidden_size: hidden, num_layers: layers, dropout, attention: name } = c;
  const sizes = { cell: cellOf(c), embedding, hidden, layers, dropout };
  const all = { width: 2 * hidden + embedding, attentional: false };
  if (name === "none" && c.context_every_step) return { step: contextDecoder(sizes), ...all };
  if (name === "none") return { step: plainDecoder(sizes), width: hidden, attentional: false };
  const attention = attentions[name]({ state: hidden, source: hidden, window: c.attention_window });
  if (name === "additive") return { step: bahdanauDecoder(sizes, attention), ...all };
  return { step: luongDecoder(sizes, attention, { inputFeeding: c.input_feeding }), width: hidden, attentional: true };
}

/** How many tensors a step leaves for the next. */
export const carried = ({ cell, attention, num_layers }: Pick<Choice, "cell" | "attention" | "num_layers">): number =>
  Number(attention !== "none" && attention !== "additive") + num_layers * (cell === "lstm" ? 2 : 1);
