/** Parity: after each bit, whether the ones so far are odd. A state of one bit, kept over any length. */
import { letters, option, type Toy } from "./row.ts";

export const parity: Toy = {
  summary: "after each bit, 1 if the ones so far are odd",
  options: { length: option("bits in a row", { low: 10, high: 20 }, { low: 1, high: 1000 }) },
  row(draws, { length }) {
    const source = letters(draws, draws.within(length!), 2, "01");
    let odd = 0;
    const target = [...source].map((bit) => {
      odd ^= Number(bit);
      return odd;
    });
    return { source, target: target.join(""), nats: draws.nats };
  },
};
