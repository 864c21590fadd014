/** Addition of whole numbers as people write it: the carries run from the last digit to the first. */
import { type Draws, option, type Span, type Toy } from "./row.ts";

export const addition: Toy = {
  summary: "the sum of two whole numbers",
  options: { digits: option("digits of each number", { low: 1, high: 3 }, { low: 1, high: 15 }) },
  row(draws, { digits }) {
    const [a, b] = [numberOf(draws, digits!), numberOf(draws, digits!)];
    return { source: `${a}+${b}`, target: String(a + b), nats: draws.nats };
  },
};

/** As many digits as drawn, the first of them no 0 unless it is the only one. */
function numberOf(draws: Draws, digits: Span): number {
  const count = draws.within(digits);
  const least = count === 1 ? 0 : 10 ** (count - 1);
  return least + draws.below(10 ** count - least);
}
