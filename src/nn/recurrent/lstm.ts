/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997) with the forget gate of Gers, Schmidhuber & Cummins 2000
 * (torch.nn.LSTM).
 */
import { add, addmm, chunk, matmul, mul, sigmoid, tanh, transpose } from "../../tensor/ops/index.ts";
import { tap } from "../../tensor/trace.ts";
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
  step(x, [h, c], { weight_ih, weight_hh, bias_ih, bias_hh }) {
    const fromInput = add(matmul(x, transpose(weight_ih)), add(bias_ih, bias_hh)); // [B, 4 H]
    const [i, f, g, o] = chunk(addmm(fromInput, h!, transpose(weight_hh)), 4, 1);
    const input = tap("input_gate", sigmoid(i), gate);
    const forget = tap("forget_gate", sigmoid(f), gate);
    const candidate = tap("candidate", tanh(g), unit);
    const output = tap("output_gate", sigmoid(o), gate);
    const next = tap("cell_state", add(mul(forget, c!), mul(input, candidate)), unit);
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
