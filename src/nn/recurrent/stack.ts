/** Layers of recurrence over sequences: stacked, in both directions, with dropout between them (torch.nn.RNNBase). */
import { add, concat, dropout, mul, scan, sub, unsqueeze, zeros } from "../../tensor/ops/index.ts";
import { type Float, shapeError, sizes } from "../../tensor/tensor.ts";
import { scope, tap, within } from "../../tensor/trace.ts";
import { layer, type Param } from "../layer.ts";
import { type CellWeights, cellParams, type Recurrence, type State } from "./cell.ts";
import { type Layout, layoutFor } from "./layout.ts";

export interface StackOptions {
  readonly layers?: number;
  /** Each layer also walks from the end to the start; outputs are then [T, B, 2 H]. */
  readonly bidirectional?: boolean;
  /** Of each layer's outputs but the last one's, while training. */
  readonly dropout?: number;
  /** How states lie in memory while it walks: by the size of the weights unless given. The numbers are the same. */
  readonly layout?: Layout;
}

export interface SequenceOptions {
  /** What each layer starts from, its direction back behind its direction on; zeros unless given. */
  readonly state?: readonly State[] | undefined;
  /**
   * 1 where a row has a token, 0 where it is padded, on either side: there a state stays as it is, and the output is 0.
   * So a row's numbers are those that it has alone. [T, B]
   */
  readonly mask?: Float | undefined;
}

export interface SequenceResult {
  /** The last layer's hidden states: [T, B, H], or [T, B, 2 H] with the direction back behind. */
  readonly y: Float;
  /** Each layer's and direction's state at its row's end: the last token's, or the first's walking back. */
  readonly state: readonly State[];
}

/**
 * x [T, B, E] → SequenceResult, each step as `recurrence` says. Parameters have torch.nn's names: weight_ih_l0,
 * weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l0_reverse, … weight_ih_l1 …
 * Throws a ShapeError where there are not as many first states as layers and directions.
 */
export function stacked(
  recurrence: Recurrence,
  inDim: number,
  hidden: number,
  {
    layers = 1,
    bidirectional = false,
    dropout: p = 0,
    layout = layoutFor(recurrence.biases.length * hidden, hidden),
  }: StackOptions = {},
) {
  const directions = bidirectional ? [false, true] : [false];
  const parts: Record<string, Param> = {};
  const runs = Array.from({ length: layers }, (_, l) =>
    directions.map((reverse) => {
      const suffix = `l${l}${reverse ? "_reverse" : ""}`;
      const params = cellParams(recurrence, l === 0 ? inDim : hidden * directions.length, hidden);
      for (const [name, value] of Object.entries(params)) parts[`${name}_${suffix}`] = value;
      return { suffix, reverse };
    }),
  );

  return layer(parts, (parts, x: Float, { state, mask }: SequenceOptions = {}): SequenceResult => {
    const [, B] = sizes(x, "T B E");
    const count = layers * directions.length;
    if (state && state.length !== count)
      throw shapeError("recurrent", `${state.length} first states for ${count} layers and directions`);
    const last: State[] = [];
    let y = x;
    for (const [l, both] of runs.entries()) {
      if (l > 0) y = dropout(y, p);
      const outputs = both.map(({ suffix, reverse }) => {
        const weights = Object.fromEntries(names.map((name) => [name, parts[`${name}_${suffix}`]!]));
        const start =
          state?.[last.length] ?? Array.from({ length: recurrence.states }, () => zeros([B, hidden], x.dtype));
        return within(scope() ? `${scope()}.${suffix}` : suffix, () => {
          const end = walk(recurrence, layout, weights as never, y, start, { mask, reverse });
          last.push(end.state);
          return tap("hidden_state", end.y, { axes: ["time", "batch", "unit"], domain: "signed" });
        });
      });
      y = concat(outputs, 2);
    }
    return { y, state: last };
  });
}
export type Recurrent = ReturnType<typeof stacked>;

const names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const satisfies readonly (keyof CellWeights)[];

/** One layer in one direction. */
function walk(
  { step }: Recurrence,
  layout: Layout,
  weights: CellWeights,
  x: Float,
  start: State,
  { mask, reverse }: { readonly mask: Float | undefined; readonly reverse: boolean },
): { readonly y: Float; readonly state: State } {
  const first: State = start.map(layout.turn);
  const walked = layout.turn(x);
  const back = ({ carry, ys: [y] }: { readonly carry: State; readonly ys: readonly [Float] }) => ({
    y: layout.turn(y),
    state: carry.map(layout.turn),
  });
  if (!mask) {
    const whole = scan(
      (state, [x]) => {
        const next = step(x, state, weights, layout);
        return { carry: next, ys: [next[0]!] };
      },
      first,
      [walked],
      { reverse },
    );
    return back(whole);
  }
  const here = layout.perRow(unsqueeze(mask, 2));
  const padded = scan(
    (state, [x, here, gone]) => {
      const next = step(x, state, weights, layout).map((s) => mul(s, here));
      const held = next.map((s, i) => add(s, mul(state[i]!, gone)));
      return { carry: held, ys: [next[0]!] as const };
    },
    first,
    [walked, here, sub(1, here)],
    { reverse },
  );
  return back(padded);
}
