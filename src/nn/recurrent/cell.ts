/**
 * A cell: one step of recurrence, `cell(x, state) → state`. A state is a list of tensors [B, H] whose first is the hidden
 * state, which is what others read. Loops are made of cells with `scan`:
 *
 *   const cell = lstmCell(E, H);
 *   const { carry: last, ys: [hidden] } = scan(
 *     (state, [x]) => { const next = cell(x, state); return { carry: next, ys: [next[0]!] }; },
 *     startOf(cell, B), [xs], // xs [T, B, E] → hidden [T, B, H]
 *   );
 */
import { zeros } from "../../tensor/ops/index.ts";
import type { Dim, Float } from "../../tensor/tensor.ts";
import { constant, type InitialValue, joined, uniform } from "../init.ts";
import { layer, type Param, param } from "../layer.ts";
import { type Layout, rowsFirst } from "./layout.ts";

/** [B, H] each; the hidden state first. An LSTM's second is its cell state; others have one. */
export type State = readonly Float[];

/** torch.nn's names; G blocks of H rows, one for each thing that the step computes: weights [G H, E], [G H, H], [G H], [G H]. */
export interface CellWeights {
  readonly weight_ih: Float;
  readonly weight_hh: Float;
  readonly bias_ih: Float;
  readonly bias_hh: Float;
}

/** What makes a cell an RNN's, an LSTM's or a GRU's. */
export interface Recurrence {
  /** Each block of rows' first bias, both of its vectors together; undefined: drawn, as PyTorch's are. */
  readonly biases: readonly (number | undefined)[];
  /** How many tensors a state has. */
  readonly states: number;
  /** Its tensors lie as `layout` says. */
  step(x: Float, state: State, weights: CellWeights, layout: Layout): State;
}

/** A cell's parameters, each uniform in ±1/√H as PyTorch's are, biases where a number is given excepted. */
export function cellParams(
  { biases }: Recurrence,
  inDim: number,
  hidden: number,
): Readonly<Record<keyof CellWeights, Param>> {
  const drawn = uniform(1 / Math.sqrt(hidden));
  const rows = biases.length * hidden;
  const bias = (of: (value: number) => number) => {
    const blocks = biases.map((b): InitialValue => (b === undefined ? drawn : constant(of(b))));
    return param([rows], biases.every((b) => b === undefined) ? drawn : joined(blocks));
  };
  return {
    weight_ih: param([rows, inDim], drawn),
    weight_hh: param([rows, hidden], drawn),
    bias_ih: bias((b) => b),
    bias_hh: bias(() => 0),
  };
}

/** A step with parameters of its own: x [B, E], each tensor of the state [B, H]. */
export function cell(recurrence: Recurrence, inDim: number, hidden: number) {
  const made = layer(cellParams(recurrence, inDim, hidden), (weights, x: Float, state: State) =>
    recurrence.step(x, state, weights, rowsFirst),
  );
  return Object.defineProperties(made, {
    hidden: { value: hidden },
    states: { value: recurrence.states },
  }) as typeof made & CellSizes; // not parts: they are not walked
}
export interface CellSizes {
  readonly hidden: number;
  /** How many tensors its state has. */
  readonly states: number;
}
export type Cell = ReturnType<typeof cell>;

/** A state of zeros for B rows. */
export const startOf = ({ states, hidden }: CellSizes, B: Dim): State =>
  Array.from({ length: states }, () => zeros([B, hidden], "float32"));
