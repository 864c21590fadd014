/**
 * chrF (Popović 2015): the F-score of character n-grams, recall weighing `beta` times as much as precision; chrF++
 * (Popović 2017) adds words and pairs of words. Equal to sacreBLEU 2.6.
 */
import { type CorpusMetric, corpusScore, type References } from "./corpus.ts";
import { countNgrams, overlap } from "./ngrams.ts";
import { signature } from "./signature.ts";
import { splitWords, withoutSpaces } from "./words.ts";

export interface ChrfOptions {
  /** The longest n-grams of characters, and of words: 0 for chrF, 2 for chrF++. */
  readonly charOrder?: number;
  readonly wordOrder?: number;
  readonly beta?: number;
  readonly lowercase?: boolean;
  /** Whether spaces are characters too. */
  readonly whitespace?: boolean;
  /** The mean of the orders' F-scores, as chrF++.py has it, instead of the F-score of the orders' means. */
  readonly epsSmoothing?: boolean;
}

/** `score` is 0 … 100; `name` as sacreBLEU prints it: chrF2, chrF2++. */
export interface ChrfScore {
  readonly name: string;
  readonly score: number;
}

/** chrF of a corpus; `{ wordOrder: 2 }` makes it chrF++. Throws as `corpusScore` and `chrfMetric` do. */
export const chrf = (hypotheses: readonly string[], references: readonly References[], options?: ChrfOptions) =>
  corpusScore(chrfMetric(options), hypotheses, references);

/** chrF for `corpusScore` and `bootstrap`. Throws for orders and a beta that are no whole numbers, and for no order. */
export function chrfMetric({
  charOrder = 6,
  wordOrder = 0,
  beta = 2,
  lowercase = false,
  whitespace = false,
  epsSmoothing = false,
}: ChrfOptions = {}): CorpusMetric<ChrfScore> {
  for (const [name, number] of Object.entries({ charOrder, wordOrder, beta }))
    if (!(Number.isInteger(number) && number >= 0))
      throw new RangeError(`chrf: ${name} is ${number}, but must be a whole number ≥ 0`);
  if (charOrder + wordOrder === 0) throw new RangeError("chrf: charOrder and wordOrder are both 0; one must be more");
  const fScore = epsSmoothing ? meanOfScores : scoreOfMeans;

  /** Hypothesis' and reference's n-grams and those in both, for each order. */
  const compare = (lengths: readonly [number, number], a: readonly string[], b: readonly string[], order: number) =>
    order === 0
      ? []
      : countNgrams([a, b], order).flatMap(([ours, theirs], n) => {
          const [hyp, ref] = lengths.map((length) => Math.max(0, length - n)) as [number, number];
          return [ref > 0 ? hyp : 0, ref, overlap(ours!, theirs!)];
        });

  return {
    statistics(hypothesis, references) {
      const read = (text: string) => {
        if (lowercase) text = text.toLowerCase();
        return {
          chars: [...(whitespace ? text : withoutSpaces(text))],
          words: wordOrder > 0 ? wordsAndMarks(text) : [],
        };
      };
      const ours = read(hypothesis);
      const all = references.map((reference) => {
        const theirs = read(reference);
        return [
          ...compare([ours.chars.length, theirs.chars.length], ours.chars, theirs.chars, charOrder),
          ...compare([ours.words.length, theirs.words.length], ours.words, theirs.words, wordOrder),
        ];
      });
      return all.reduce((best, next) => (fScore(next, beta) > fScore(best, beta) ? next : best));
    },
    score: (sums) => ({ name: `chrF${beta}${"+".repeat(wordOrder)}`, score: fScore(sums, beta) }),
    signature: (nrefs, extra) =>
      signature(nrefs, extra, {
        case: lowercase ? "lc" : "mixed",
        eff: epsSmoothing ? "no" : "yes",
        nc: charOrder,
        nw: wordOrder,
        space: whitespace ? "yes" : "no",
      }),
  };
}

const EPSILON = 1e-16;

/** Precision and recall of each order with n-grams on both sides, averaged, then their F-score. */
function scoreOfMeans(statistics: readonly number[], beta: number): number {
  let [precision, recall, orders] = [0, 0, 0];
  for (const [hyp, ref, match] of triples(statistics))
    if (hyp > 0 && ref > 0) {
      precision += match / hyp;
      recall += match / ref;
      orders++;
    }
  if (precision + recall === 0) return 0;
  const [p, r] = [precision / orders, recall / orders];
  return (100 * ((1 + beta ** 2) * p * r)) / (beta ** 2 * p + r);
}

/** Each order's F-score, averaged. */
function meanOfScores(statistics: readonly number[], beta: number): number {
  let score = 0;
  for (const [hyp, ref, match] of triples(statistics)) {
    const p = hyp > 0 ? match / hyp : EPSILON;
    const r = ref > 0 ? match / ref : EPSILON;
    const denominator = beta ** 2 * p + r;
    score += denominator > 0 ? ((1 + beta ** 2) * p * r) / denominator : EPSILON;
  }
  return (100 * score) / (statistics.length / 3);
}

function* triples(statistics: readonly number[]): Generator<readonly [hyp: number, ref: number, match: number]> {
  for (let i = 0; i < statistics.length; i += 3) yield [statistics[i]!, statistics[i + 1]!, statistics[i + 2]!];
}

/** Words with one ASCII mark cut off at the end, or else at the start: "(hi)" is "(hi" and ")". */
const wordsAndMarks = (text: string): string[] =>
  splitWords(text).flatMap((word) => {
    if (/^.$/u.test(word)) return [word];
    if (/[!-/:-@[-`{-~]$/.test(word)) return [word.slice(0, -1), word.slice(-1)];
    return /^[!-/:-@[-`{-~]/.test(word) ? [word.slice(0, 1), word.slice(1)] : [word];
  });
