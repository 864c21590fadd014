/** Dyck depth: brackets that all close, and after each how many stand open: a counter, and with several kinds a stack. */
import { option, type Toy } from "./row.ts";

const BRACKETS = ["()", "[]", "{}", "<>"];

/** Half of the moves that are possible are drawn; where only one is, it is made without a draw. */
export const dyck: Toy = {
  summary: "after each bracket, how many stand open",
  options: {
    length: option("pairs of brackets in a row", { low: 5, high: 10 }, { low: 1, high: 500 }),
    depth: option("open at most", 5, { low: 1, high: 9 }),
    kinds: option("kinds of brackets", 2, { low: 1, high: BRACKETS.length }),
  },
  row(draws, { length, depth, kinds }) {
    let unopened = draws.within(length!);
    const open: string[] = [];
    let [source, target] = ["", ""];
    while (unopened > 0 || open.length > 0) {
      const canOpen = unopened > 0 && open.length < depth!.high;
      if (canOpen && (open.length === 0 || draws.below(2) === 0)) {
        const kind = BRACKETS[draws.below(kinds!.high)]!;
        open.push(kind[1]!);
        source += kind[0];
        unopened--;
      } else source += open.pop();
      target += open.length;
    }
    return { source, target, nats: draws.nats };
  },
};
