/**
 * The gated recurrent unit (Cho et al. 2014, arXiv:1406.1078, §2.3), with the reset gate applied behind the recurrent
 * product, as in torch.nn.GRU.
 */
import { add, chunk, mul, sigmoid, split, sub, tanh } from "../../tensor/ops/index.ts";
import { cell, type Recurrence } from "./cell.ts";
import { type StackOptions, stacked } from "./stack.ts";

/** r, z = σ(W x + b + U h + d); n = tanh(W x + b + r (U h + d)); h′ = (1 − z) n + z h, each with rows of its own. */
const recurrence: Recurrence = {
  biases: [undefined, undefined, undefined],
  states: 1,
  step(x, [h], { weight_ih, weight_hh, bias_ih, bias_hh }, { times, plusTimes, perFeature, features, seen }) {
    const H = h!.shape[features]!;
    const fromInput = (rows: 0 | 1) => {
      const [weight, bias] = [weight_ih, bias_ih].map((w) => split(w, [2 * Number(H), H], 0)[rows]!);
      return add(times(weight!, x), perFeature(bias!));
    };
    const fromState = plusTimes(perFeature(bias_hh), weight_hh, h!);
    const [gates, fresh] = split(fromState, [2 * Number(H), H], features);
    const [r, z] = chunk(sigmoid(add(fromInput(0), gates!)), 2, features);
    const reset = seen("reset_gate", r, gate);
    const update = seen("update_gate", z, gate);
    const candidate = seen("candidate", tanh(add(fromInput(1), mul(reset, fresh!))), unit);
    return [add(candidate, mul(update, sub(h!, candidate)))];
  },
};

const gate = { axes: ["batch", "unit"], domain: "positive" } as const;
const unit = { axes: ["batch", "unit"], domain: "signed" } as const;

/** One step: `cell(x, [h]) → [h]` (torch.nn.GRUCell). */
export const gruCell = (inDim: number, hidden: number) => cell(recurrence, inDim, hidden);

/** Layers of it over a sequence (torch.nn.GRU): see `stacked`. */
export const gru = (inDim: number, hidden: number, options: StackOptions = {}) =>
  stacked(recurrence, inDim, hidden, options);
