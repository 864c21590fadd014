/**
 * Copy memory: letters, a long wait, and then the same letters again (Hochreiter and Schmidhuber 1997; in this form
 * Arjovsky, Shah and Bengio 2016, arXiv:1511.06464, §4.1). Who forgets knows no more than the letters' number.
 */
import { letters, option, type Toy } from "./row.ts";

export const copyMemory: Toy = {
  summary: "letters again after a wait",
  options: {
    delay: option("how long the wait is", 50, { low: 0, high: 10_000 }),
    length: option("letters to keep", 10, { low: 1, high: 1000 }),
    symbols: option("different letters", 8, { low: 2, high: 26 }),
  },
  row(draws, { delay, length, symbols }) {
    const target = letters(draws, draws.within(length!), symbols!.high);
    return { source: target + ".".repeat(draws.within(delay!)), target, nats: draws.nats };
  },
};
