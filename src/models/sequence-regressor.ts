/**
 * Sequence regression: the next number of a series from those before it, read by an RNN, LSTM or GRU (Elman 1990;
 * Hochreiter and Schmidhuber 1997; Cho et al. 2014) and told by a linear layer from the last state. Scaling and
 * differences are part of the model: it takes and gives numbers in their own unit, and what the training part was like
 * is saved with it.
 */
import * as nn from "../nn/index.ts";
import {
  add,
  constant,
  type Dim,
  div,
  type Float,
  mean,
  minus,
  mul,
  permute,
  plus,
  reshape,
  slice,
  square,
  squeeze,
  sub,
} from "../tensor/index.ts";
import { architecture, type InputSpec } from "./architecture.ts";
import * as field from "./config.ts";

export interface RegressorInputs {
  /** The value to predict in the first column, others that help beside it; oldest first. [B, T, C] */
  readonly past_values: Float;
  /** What the first column's next value is. [B] */
  readonly labels?: Float;
}

const networks = { rnn: nn.rnn, lstm: nn.lstm, gru: nn.gru };

const fields = {
  cell: field.oneOf(["rnn", "lstm", "gru"], "lstm"),
  /** C */
  input_size: field.whole(1),
  hidden_size: field.whole(32),
  num_layers: field.depth(1),
  dropout: field.rate(0),
  /** Learn the change since so many steps ago instead of the value; 0: the value. */
  difference: field.count(0),
  /** Of each column, or of its differences: (x - loc) / scale is what the network sees. */
  loc: field.numbers([]),
  scale: field.numbers([]),
};

interface Config {
  readonly cell: keyof typeof networks;
  readonly input_size: number;
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly dropout: number;
  readonly difference: number;
  readonly loc: readonly number[];
  readonly scale: readonly number[];
}

function regressor({ cell, input_size: C, hidden_size, num_layers: layers, dropout, difference, ...c }: Config) {
  const row = (numbers: readonly number[], fallback: number) =>
    constant(
      "float32",
      [C],
      Float32Array.from({ length: C }, (_, i) => numbers[i] ?? fallback),
    );
  const [unit = 1] = c.scale;
  const [middle = 0] = c.loc;
  const parts = { rnn: networks[cell](C, hidden_size, { layers, dropout }), output: nn.linear(hidden_size, 1) };
  return nn.layer(parts, ({ rnn, output }, { past_values: x, labels }: RegressorInputs) => {
    const T = x.shape[1]!;
    const changes = difference === 0 ? x : sub(slice(x, 1, difference, T), slice(x, 1, 0, minus(T, difference)));
    const scaled = div(sub(changes, row(c.loc, 0)), row(c.scale, 1)); // [B, T, C]
    const { y } = rnn(permute(scaled, [1, 0, 2]));
    const last = squeeze(slice(y, 0, minus(y.shape[0]!, 1), y.shape[0]!), 0); // [B, H]
    const told = add(mul(squeeze(output(last), 1), unit), middle); // [B]
    const prediction = difference === 0 ? told : add(told, before(x, minus(T, difference)));
    return { prediction, ...(labels && { loss: mean(square(div(sub(prediction, labels), unit))) }) };
  });
}

/** The first column's value at a step. [B] */
const before = (x: Float, step: Dim): Float => reshape(slice(slice(x, 1, step, plus(step, 1)), 2, 0, 1), [x.shape[0]!]);

const inputs = ({ input_size }: Config): Readonly<Record<string, InputSpec>> => ({
  past_values: { dtype: "float32", shape: ["batch", "time", input_size] },
  labels: { dtype: "float32", shape: ["batch"] },
});

export const sequenceRegressor = architecture({
  spec: {
    modelType: "sequence-regressor",
    fields,
    contradiction: ({ input_size, loc, scale }) =>
      [loc, scale].some(({ length }) => length !== 0 && length !== input_size)
        ? `loc has ${loc.length} numbers and scale ${scale.length}, but input_size is ${input_size}`
        : scale.some((unit) => unit <= 0)
          ? "scale has a number ≤ 0"
          : undefined,
  },
  heads: { SequenceRegressor: { build: regressor, task: "sequence-regression", inputs } },
  fileNames: { prefixes: [], buffers: [], tied: {} },
  inTransformers: false,
  tiny: { input_size: 2, hidden_size: 6, loc: [0.1, -0.2], scale: [1.5, 0.5] },
  limits: {},
});
