/**
 * BLEU (Papineni et al. 2002): the geometric mean of a translation's n-gram precisions, times a penalty for brevity.
 * Equal to sacreBLEU 2.6, whose signature says what a score was made with.
 */
import { type BleuTokenizer, bleuTokenizers } from "./bleu-tokenizers.ts";
import { type CorpusMetric, corpusScore, type References } from "./corpus.ts";
import { countNgrams, overlap } from "./ngrams.ts";
import { signature } from "./signature.ts";
import { stripEnd } from "./words.ts";

/** For n-grams without a match (Chen and Cherry 2014): methods 1 "floor", 2 "add-k" and 3 "exp". */
export type Smoothing = "none" | "floor" | "add-k" | "exp";

export interface BleuOptions {
  readonly tokenize?: BleuTokenizer;
  readonly lowercase?: boolean;
  readonly smoothMethod?: Smoothing;
  /** What "floor" (0.1 if not given) and "add-k" (1) use. */
  readonly smoothValue?: number | undefined;
  /** The longest n-grams that count. */
  readonly maxNgramOrder?: number;
  /** Leaves out orders that a short hypothesis has no n-grams of. For sentences; `sentenceBleu` does it. */
  readonly effectiveOrder?: boolean;
}

export interface BleuScore {
  /** 0 … 100. */
  readonly score: number;
  /** Matched n-grams of orders 1, 2, …, and all of the hypotheses'. */
  readonly counts: readonly number[];
  readonly totals: readonly number[];
  /** In percent, smoothed. */
  readonly precisions: readonly number[];
  /** Brevity penalty, 0 … 1. */
  readonly bp: number;
  /** In tokens; the references' is the sum of the lengths nearest to the hypotheses'. */
  readonly sysLen: number;
  readonly refLen: number;
}

/** BLEU of a corpus; throws as `corpusScore` and `bleuMetric` do. */
export const bleu = (hypotheses: readonly string[], references: readonly References[], options?: BleuOptions) =>
  corpusScore(bleuMetric(options), hypotheses, references);

/** BLEU of one sentence, of the orders that it has. */
export const sentenceBleu = (hypothesis: string, references: References, options?: BleuOptions) =>
  bleu([hypothesis], [references], { effectiveOrder: true, ...options });

const DEFAULT_VALUES = { none: undefined, floor: 0.1, "add-k": 1, exp: undefined } as const;

/** BLEU for `corpusScore` and `bootstrap`. Throws for a tokenizer or a smoothing method that is not known. */
export function bleuMetric({
  tokenize = "13a",
  lowercase = false,
  smoothMethod = "exp",
  smoothValue = DEFAULT_VALUES[smoothMethod],
  maxNgramOrder = 4,
  effectiveOrder = false,
}: BleuOptions = {}): CorpusMetric<BleuScore> {
  known("tokenizer", tokenize, bleuTokenizers);
  known("smoothing method", smoothMethod, DEFAULT_VALUES);
  if (!(Number.isInteger(maxNgramOrder) && maxNgramOrder >= 1))
    throw new RangeError(`bleu: maxNgramOrder is ${maxNgramOrder}, but must be a whole number ≥ 1`);
  const cut = bleuTokenizers[tokenize];
  const tokens = (line: string): string[] => cut(stripEnd(lowercase ? line.toLowerCase() : line));

  return {
    statistics(hypothesis, references) {
      const [words, ...others] = [hypothesis, ...references].map(tokens) as [string[], ...string[][]];
      const orders = countNgrams([words, ...others], maxNgramOrder);
      const matched = orders.map(([counts, ...refs]) => overlap(counts!, most(refs)));
      const totals = orders.map((_, n) => Math.max(0, words.length - n));
      const lengths = others.map(({ length }) => length);
      return [words.length, closest(words.length, lengths), ...matched, ...totals];
    },
    score: ([sysLen, refLen, ...counts]) =>
      bleuFromStatistics(
        {
          sysLen: sysLen!,
          refLen: refLen!,
          counts: counts.slice(0, maxNgramOrder),
          totals: counts.slice(maxNgramOrder),
        },
        { smoothMethod, smoothValue, effectiveOrder },
      ),
    signature(nrefs, extra) {
      const value = DEFAULT_VALUES[smoothMethod] === undefined ? "" : `[${smoothValue!.toFixed(2)}]`;
      return signature(nrefs, extra, {
        case: lowercase ? "lc" : "mixed",
        eff: effectiveOrder ? "yes" : "no",
        tok: tokenize,
        smooth: smoothMethod + value,
      });
    },
  };
}

/** The score of counts summed over a corpus: n-gram orders 1, 2, … in `counts` (matched) and `totals`. */
export function bleuFromStatistics(
  { counts, totals, sysLen, refLen }: Pick<BleuScore, "counts" | "totals" | "sysLen" | "refLen">,
  {
    smoothMethod = "none",
    smoothValue = DEFAULT_VALUES[smoothMethod],
    effectiveOrder = false,
  }: Pick<BleuOptions, "smoothMethod" | "smoothValue" | "effectiveOrder"> = {},
): BleuScore {
  const bp = sysLen >= refLen ? 1 : sysLen > 0 ? Math.exp(1 - refLen / sysLen) : 0;
  const precisions = counts.map(() => 0);
  if (!counts.some(Boolean)) return { score: 0, counts, totals, precisions, bp, sysLen, refLen };
  const k = smoothMethod === "add-k" ? smoothValue! : 0;
  counts = counts.map((count, i) => (i > 0 ? count + k : count));
  totals = totals.map((total, i) => (i > 0 ? total + k : total));
  let order = counts.length;
  let unmatched = 0;
  for (const [i, total] of totals.entries()) {
    if (total === 0) break;
    if (effectiveOrder) order = i + 1;
    if (counts[i]! > 0) precisions[i] = (100 * counts[i]!) / total;
    else if (smoothMethod === "exp") precisions[i] = 100 / (2 ** ++unmatched * total);
    else if (smoothMethod === "floor") precisions[i] = (100 * smoothValue!) / total;
  }
  const logs = precisions.slice(0, order).map((p) => (p === 0 ? -9999999999 : Math.log(p)));
  const score = bp * Math.exp(logs.reduce((sum, log) => sum + log, 0) / order);
  return { score, counts, totals, precisions, bp, sysLen, refLen };
}

/** As often as an n-gram may be matched: its count in the reference that has most. */
const most = (references: readonly Int32Array[]): Int32Array =>
  references.reduce((a, b) => a.map((count, i) => Math.max(count, b[i]!)));

/** The reference length nearest to the hypothesis'; the shorter of two that are equally near. */
const closest = (length: number, lengths: readonly number[]): number =>
  lengths.reduce((best, next) => {
    const nearer = Math.abs(next - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && next < best) ? next : best;
  });

function known(what: string, name: string, all: object): void {
  if (!Object.hasOwn(all, name))
    throw new RangeError(`bleu: no ${what} is called "${name}"; there are ${Object.keys(all).join(", ")}`);
}
