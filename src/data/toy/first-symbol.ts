/**
 * First-symbol recall: letters, of which the first is asked for at the end. All others are noise of the same letters, so
 * what is kept has to be kept from being overwritten (the latch of Hochreiter & Schmidhuber 1997, §5.2).
 */
import { letters, option, type Toy } from "./row.ts";

export const firstSymbol: Toy = {
  summary: "the first letter of many",
  options: {
    length: option("letters", 30, { low: 1, high: 10_000 }),
    symbols: option("different letters", 8, { low: 2, high: 26 }),
  },
  row(draws, { length, symbols }) {
    const source = letters(draws, draws.within(length!), symbols!.high);
    return { source, target: source[0]!, nats: draws.nats };
  },
};
