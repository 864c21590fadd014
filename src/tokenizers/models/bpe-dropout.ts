/**
 * BPE-dropout: at every step each merge that could be done is left out with some probability, so that a word is cut in
 * many ways, and a model learns how words are made (Provilkov et al. 2020, arXiv:1910.13267, algorithm 1).
 */
import type { Merges, Symbols } from "./bpe-merge.ts";

export interface Dropout {
  /** The probability that a merge is left out at a step, from 0 (never) to 1 (every character is a token). */
  rate: number;
  /** Draws from [0, 1). */
  random: () => number;
}

export function mergeWithDropout(symbols: Symbols, { ranks, results }: Merges, { rate, random }: Dropout): void {
  const { ids, lengths } = symbols;
  for (;;) {
    let [best, at] = [Number.POSITIVE_INFINITY, -1];
    for (let i = 0; i + 1 < symbols.count; i++) {
      const rank = ranks.get(ids[i]!, ids[i + 1]!);
      if (rank >= 0 && rank < best && random() >= rate) [best, at] = [rank, i];
    }
    if (at < 0) return;
    ids[at] = results[best]!;
    lengths[at]! += lengths[at + 1]!;
    ids.copyWithin(at + 1, at + 2, symbols.count);
    lengths.copyWithin(at + 1, at + 2, symbols.count);
    symbols.count--;
  }
}

/** @throws for a rate that is no probability. */
export function checkDropout({ rate }: Dropout): void {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`dropout: the rate is ${rate}; it must be from 0 to 1`);
}
