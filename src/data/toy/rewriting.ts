/** Copy, reverse, sort: letters written again in the same order, backwards or in alphabetical order. */
import { type Draws, letters, option, type Span, type Toy } from "./row.ts";

const rewriting = (summary: string, rewrite: (source: string) => string): Toy => ({
  summary,
  options: {
    length: option("letters in a row", { low: 10, high: 20 }, { low: 1, high: 1000 }),
    symbols: option("different letters", 10, { low: 2, high: 26 }),
  },
  row(draws: Draws, { length, symbols }: Readonly<Record<string, Span>>) {
    const source = letters(draws, draws.within(length!), symbols!.high);
    return { source, target: rewrite(source), nats: draws.nats };
  },
});

export const copy = rewriting("the same letters again", (source) => source);
export const reverse = rewriting("the letters backwards", (source) => [...source].reverse().join(""));
export const sort = rewriting("the letters in alphabetical order", (source) => [...source].sort().join(""));
