/** A source read by a recurrent network: its states at every token, and what a decoder begins with. */
import * as nn from "../nn/index.ts";
import { cast, concat, type Float, flip, type Ids, permute, transpose } from "../tensor/index.ts";

interface Options {
  readonly network: (inDim: number, hidden: number, options: nn.StackOptions) => nn.Recurrent;
  readonly vocabulary: number;
  readonly embedding: number;
  /** H: with two directions each has half of it. */
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Of embedded tokens, and between layers. */
  readonly dropout: number;
  /** Read the last token first (Sutskever et al. 2014, §3.3). */
  readonly reverse: boolean;
}

export interface Encoded {
  /** Of the last layer; 0 on padding. [B, S, H] */
  readonly states: Float;
  /** Each layer's state at the end of its row, one behind another, an LSTM's cell behind its hidden state. [B, H] each */
  readonly last: readonly Float[];
  /** The last layer's hidden state among them. [B, H] */
  readonly context: Float;
}

/** ids [B, S], where they are no padding, which stands on the right, and what each layer begins from → Encoded. */
export function recurrentEncoder({ network, vocabulary, embedding: E, hidden, reverse, ...options }: Options) {
  const { layers, bidirectional, dropout } = options;
  const parts = {
    embedding: nn.embedding(vocabulary, E, { init: nn.normal(0.1) }),
    rnn: network(E, bidirectional ? hidden / 2 : hidden, options),
    drop: nn.dropout(dropout),
  };
  const turned = <T extends Float | Ids>(x: T, axis: number): T => (reverse ? (flip(x as Float, axis) as T) : x);
  return nn.layer(
    parts,
    ({ embedding, rnn, drop }, ids: Ids, attention_mask?: Ids, state?: readonly nn.State[]): Encoded => {
      const mask = attention_mask && cast(transpose(turned(attention_mask, 1)), "float32"); // [S, B]
      const x = drop(embedding(transpose(turned(ids, 1)))); // [S, B, E]
      const { y, state: ends } = rnn(x, { mask, state });
      const states = permute(turned(y, 0), [1, 0, 2]); // [B, S, H]
      const ways = bidirectional ? 2 : 1;
      const last = Array.from({ length: layers }, (_, l) => {
        const [there, back] = ends.slice(ways * l, ways * (l + 1));
        return there!.map((x, k) => (back ? concat([x, back[k]!], 1) : x)); // [B, H]
      });
      return { states, last: last.flat(), context: last.at(-1)![0]! };
    },
  );
}
