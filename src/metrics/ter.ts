/**
 * Translation edit rate (Snover et al. 2006, "A study of translation edit rate with targeted human annotation"): edits
 * that make the reference of the hypothesis, per word of the reference, where moving words together is one edit. The
 * search for moves is greedy, by Tercom's rules. Equal to sacreBLEU 2.6.
 */
import { type CorpusMetric, corpusScore, type References } from "./corpus.ts";
import { signature } from "./signature.ts";
import { alignTo } from "./ter-alignment.ts";
import { type TerTokenizerOptions, terWords } from "./ter-tokenizer.ts";
import { stripEnd } from "./words.ts";

export interface TerScore {
  /** Edits in percent of the references' words; 100 where they have none and the hypotheses do. */
  readonly score: number;
  readonly edits: number;
  /** In words; of several references, their mean. */
  readonly refLength: number;
}

/** TER of a corpus: lower is better, 0 is equal. Throws as `corpusScore` does. */
export const ter = (hypotheses: readonly string[], references: readonly References[], options?: TerTokenizerOptions) =>
  corpusScore(terMetric(options), hypotheses, references);

/** TER for `corpusScore` and `bootstrap`. */
export const terMetric = (options: TerTokenizerOptions = {}): CorpusMetric<TerScore> => ({
  statistics(hypothesis, references) {
    const cut = (text: string): string[] => terWords(stripEnd(text), options);
    const words = cut(hypothesis);
    const all = references.map((reference) => cut(cut(reference).join(" "))); // twice, as sacreBLEU does
    const length = all.reduce((sum, reference) => sum + reference.length, 0) / all.length;
    return [Math.min(...all.map((reference) => editsAndShifts(words, reference))), length];
  },
  score: ([edits, refLength]) => ({
    score: refLength! > 0 ? (100 * edits!) / refLength! : edits! > 0 ? 100 : 0,
    edits: edits!,
    refLength: refLength!,
  }),
  signature: (nrefs, extra) =>
    signature(nrefs, extra, {
      case: options.caseSensitive ? "mixed" : "lc",
      tok: "tercom",
      norm: options.normalized ? "yes" : "no",
      punct: options.noPunct ? "no" : "yes",
      asian: options.asianSupport ? "yes" : "no",
    }),
});

// Tercom's limits, in words, and how many moves are tried in all
const LONGEST_SHIFT = 10;
const FARTHEST_SHIFT = 50;
const MOST_TRIED = 1000;

/** Moves words as long as it makes the rest of the edits fewer by more than nothing; then counts both. */
function editsAndShifts(words: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return words.length;
  const table = alignTo(reference, words.length);
  const tried = { count: 0 };
  for (let shifts = 0; ; shifts++) {
    const shifted = bestShift(words, reference, table, tried);
    if (!shifted || tried.count >= MOST_TRIED) return shifts + table.distance(words);
    words = shifted;
  }
}

/** The words after the move that saves most edits; undefined where none saves any. */
function bestShift(
  words: readonly string[],
  reference: readonly string[],
  { align, distance }: ReturnType<typeof alignTo>,
  tried: { count: number },
): readonly string[] | undefined {
  const { distance: before, places, referenceErrors, hypothesisErrors } = align(words);
  // Of moves that save equally many, the longest; of these the one from farthest to the left, then to there.
  let best: Move | undefined;
  for (const [start, target, length] of equalRuns(words, reference)) {
    if (!hypothesisErrors.slice(start, start + length).includes(true)) continue;
    if (!referenceErrors.slice(target, target + length).includes(true)) continue;
    if (places[target]! >= start && places[target]! < start + length) continue;
    let last = -1;
    for (let offset = -1; offset < length && target + offset < places.length; offset++) {
      const to = target + offset < 0 ? 0 : places[target + offset]! + 1;
      if (to === last) continue;
      last = to;
      const shifted = shift(words, start, length, to);
      const move: Move = { rank: [before - distance(shifted), length, -start, -to], words: shifted };
      tried.count++;
      if (!best || better(move, best)) best = move;
    }
    if (tried.count >= MOST_TRIED) break;
  }
  return best && best.rank[0] > 0 ? best.words : undefined;
}

/** What a move is ranked by, and the words after it. */
interface Move {
  readonly rank: readonly [saved: number, length: number, leftmost: number, nearest: number];
  readonly words: readonly string[];
}
const better = (a: Move, b: Move): boolean => {
  const at = a.rank.findIndex((value, i) => value !== b.rank[i]);
  return at >= 0 && a.rank[at]! > b.rank[at]!;
};

/** Runs of words that hypothesis and reference share, as [start in the one, start in the other, length]. */
function* equalRuns(words: readonly string[], reference: readonly string[]): Generator<[number, number, number]> {
  for (let i = 0; i < words.length; i++)
    for (let j = Math.max(0, i - FARTHEST_SHIFT); j < Math.min(reference.length, i + FARTHEST_SHIFT + 1); j++)
      for (let k = 0; k < LONGEST_SHIFT && i + k < words.length && words[i + k] === reference[j + k]; k++)
        yield [i, j, k + 1];
}

/** Moves `length` words from `start` to before the word at `to`; a place among themselves counts behind them. */
function shift(words: readonly string[], start: number, length: number, to: number): string[] {
  const moved = words.slice(start, start + length);
  const rest = [...words.slice(0, start), ...words.slice(start + length)];
  const at = to < start ? to : to > start + length ? to - length : to;
  return [...rest.slice(0, at), ...moved, ...rest.slice(at)];
}
