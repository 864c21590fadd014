/** The simple recurrent network of Elman 1990, "Finding Structure in Time" (torch.nn.RNN). */
import { add, relu, tanh } from "../../tensor/ops/index.ts";
import { cell, type Recurrence } from "./cell.ts";
import { type StackOptions, stacked } from "./stack.ts";

export interface RnnOptions {
  /** Rectified units forget less, and overflow sooner (Le, Jaitly & Hinton 2015, arXiv:1504.00941). */
  readonly nonlinearity?: "tanh" | "relu";
}

/** h′ = tanh(W_ih x + b_ih + W_hh h + b_hh). */
const recurrence = ({ nonlinearity = "tanh" }: RnnOptions): Recurrence => {
  const activation = nonlinearity === "relu" ? relu : tanh;
  return {
    biases: [undefined],
    states: 1,
    step(x, [h], { weight_ih, weight_hh, bias_ih, bias_hh }, { times, plusTimes, perFeature }) {
      const fromInput = add(times(weight_ih, x), perFeature(add(bias_ih, bias_hh)));
      return [activation(plusTimes(fromInput, weight_hh, h!))];
    },
  };
};

/** One step: `cell(x, [h]) → [h]` (torch.nn.RNNCell). */
export const rnnCell = (inDim: number, hidden: number, options: RnnOptions = {}) =>
  cell(recurrence(options), inDim, hidden);

/** Layers of it over a sequence (torch.nn.RNN): see `stacked`. */
export const rnn = (
  inDim: number,
  hidden: number,
  { nonlinearity = "tanh", ...options }: RnnOptions & StackOptions = {},
) => stacked(recurrence({ nonlinearity }), inDim, hidden, options);
