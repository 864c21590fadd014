/**
 * What one step of a recurrent decoder makes of the token before it, its state and the source: the three ways of the
 * papers. The first state is the encoder's last.
 */
import * as nn from "../nn/index.ts";
import { concat, type Float, tanh } from "../tensor/index.ts";

/** What is known of the source. */
export interface Source {
  /** [B, S, H] */
  readonly states: Float;
  /** Added to attention's scores: 0, or −1e30 on padding; undefined: there is none. [B, S] */
  readonly mask: Float | undefined;
  /** The encoder's last, of its last layer. [B, H] */
  readonly context: Float;
}
export interface Stepped {
  /** What the next step begins with. [B, H] each. */
  readonly carry: readonly Float[];
  /** What the next token is predicted from. [B, output size] */
  readonly output: Float;
  /** How the source was read. [B, S] */
  readonly weights?: Float;
}
/** y, the embedded token [B, E] → its step. */
export type Step = (y: Float, carry: readonly Float[], source: Source) => Stepped;

interface Sizes {
  readonly cell: (inDim: number, hidden: number) => nn.Cell;
  readonly embedding: number;
  readonly hidden: number;
  readonly layers: number;
  /** Between layers, while training. */
  readonly dropout: number;
}

/** The source is what the first state says of it (Sutskever, Vinyals & Le 2014, arXiv:1409.3215). */
export const plainDecoder = ({ embedding, ...sizes }: Sizes) =>
  nn.layer(stack(embedding, sizes), (parts, y: Float, state: readonly Float[]): Stepped => {
    const next = advance(parts, y, state);
    return { carry: next, output: top(parts, next) };
  });

/** Every step reads the same context, the encoder's last state (Cho et al. 2014, arXiv:1406.1078, §2.2). */
export const contextDecoder = ({ embedding, ...sizes }: Sizes) =>
  nn.layer(
    stack(embedding + sizes.hidden, sizes),
    (parts, y: Float, state: readonly Float[], { context }: Source): Stepped => {
      const next = advance(parts, concat([y, context], 1), state);
      return { carry: next, output: concat([top(parts, next), context, y], 1) };
    },
  );

/** Each step reads the source with the state before it (Bahdanau, Cho & Bengio 2015, arXiv:1409.0473, §3.1). */
export const bahdanauDecoder = ({ embedding, ...sizes }: Sizes, attention: nn.ReadSource) =>
  nn.layer(
    { ...stack(embedding + sizes.hidden, sizes), attention },
    (parts, y: Float, state: readonly Float[], source: Source): Stepped => {
      const { weights, context } = parts.attention(top(parts, state), source.states, source.mask);
      const next = advance(parts, concat([y, context], 1), state);
      return { carry: next, output: concat([top(parts, next), context, y], 1), weights };
    },
  );

/**
 * Each step reads the source with its own state, and the two make an attentional state h̃ = tanh(W [c; h]), which with
 * input feeding is also read by the next step (Luong, Pham & Manning 2015, arXiv:1508.04025, §3 and §3.3).
 */
export const luongDecoder = (
  { embedding: E, hidden: H, ...sizes }: Sizes,
  attention: nn.ReadSource,
  { inputFeeding = true } = {},
) =>
  nn.layer(
    {
      ...stack(inputFeeding ? E + H : E, { hidden: H, ...sizes }),
      attention,
      combine: nn.linear(2 * H, H, { bias: false }),
    },
    (parts, y: Float, [attentional, ...state]: readonly Float[], source: Source): Stepped => {
      const next = advance(parts, inputFeeding ? concat([y, attentional!], 1) : y, state);
      const { weights, context } = parts.attention(top(parts, next), source.states, source.mask);
      const output = tanh(parts.combine(concat([context, top(parts, next)], 1)));
      return { carry: [output, ...next], output, weights };
    },
  );

interface Stack {
  readonly cells: readonly nn.Cell[];
  readonly drop: (x: Float) => Float;
}

const stack = (inDim: number, { cell, hidden, layers, dropout }: Omit<Sizes, "embedding">): Stack => ({
  cells: Array.from({ length: layers }, (_, l) => cell(l === 0 ? inDim : hidden, hidden)),
  drop: nn.dropout(dropout),
});

/** One step of every layer; their states lie one behind another. */
function advance({ cells, drop }: Stack, x: Float, state: readonly Float[]): Float[] {
  const next: Float[] = [];
  for (const [l, cell] of cells.entries()) {
    const own = cell(l === 0 ? x : drop(x), state.slice(next.length, next.length + cell.states));
    next.push(...own);
    x = own[0]!;
  }
  return next;
}

/** The hidden state of the last layer. */
const top = ({ cells }: Stack, state: readonly Float[]): Float => state.at(-cells[0]!.states)!;
