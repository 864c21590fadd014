/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997) with the forget gate of Gers, Schmidhuber & Cummins 2000
 * (torch.nn.LSTM).
 */
import { add, chunk, mul, sigmoid, tanh } from "../../tensor/ops/index.ts";
import { cell, type Recurrence } from "./cell.ts";
import { type StackOptions, stacked } from "./stack.ts";

export interface LstmOptions {
  /**
   * First bias of the forget gate: at b, a cell keeps σ(b) of its state each step. 1 is the usual advice (Jozefowicz,
   * Zaremba & Sutskever 2015, §4.3); more remembers longer. Drawn around 0 unless given, as PyTorch's is.
   */
  readonly forgetBias?: number | undefined;
  /** First bias of the input gate: below 0, a cell at first writes little over what it holds. */
  readonly inputBias?: number | undefined;
}

/** i, f, g, o = σ, σ, tanh, σ of W_ih x + b_ih + W_hh h + b_hh; c′ = f c + i g; h′ = o tanh c′. */
const recurrence = ({ forgetBias, inputBias }: LstmOptions): Recurrence => ({
  biases: [inputBias, forgetBias, undefined, undefined],
  states: 2,
  step(x, [h, c], { weight_ih, weight_hh, bias_ih, bias_hh }, { times, plusTimes, perFeature, features, seen }) {
    const fromInput = add(times(weight_ih, x), perFeature(add(bias_ih, bias_hh)));
    const [i, f, g, o] = chunk(plusTimes(fromInput, weight_hh, h!), 4, features);
    const input = seen("input_gate", sigmoid(i), gate);
    const forget = seen("forget_gate", sigmoid(f), gate);
    const candidate = seen("candidate", tanh(g), unit);
    const output = seen("output_gate", sigmoid(o), gate);
    const next = seen("cell_state", add(mul(forget, c!), mul(input, candidate)), unit);
    return [mul(output, tanh(next)), next];
  },
});

const gate = { axes: ["batch", "unit"], domain: "positive" } as const;
const unit = { axes: ["batch", "unit"], domain: "signed" } as const;

/** One step: `cell(x, [h, c]) → [h, c]` (torch.nn.LSTMCell). */
export const lstmCell = (inDim: number, hidden: number, options: LstmOptions = {}) =>
  cell(recurrence(options), inDim, hidden);

/** Layers of it over a sequence (torch.nn.LSTM): see `stacked`. */
export const lstm = (
  inDim: number,
  hidden: number,
  { forgetBias, inputBias, ...options }: LstmOptions & StackOptions = {},
) => stacked(recurrence({ forgetBias, inputBias }), inDim, hidden, options);
