/**
 * Word and character error rates: the edits that make the references of the hypotheses, per word or character of the
 * references. Equal to jiwer 4 (and so to Hugging Face's `evaluate`); rates are fractions, and above 1 where a
 * hypothesis is much longer than its reference.
 */
import { type CorpusMetric, corpusScore, type References } from "./corpus.ts";
import { editDistance } from "./edit-distance.ts";
import { signature } from "./signature.ts";
import { joinSpaces, strip } from "./words.ts";

export interface ErrorRate {
  /** Edits per symbol; where the references hold none, the number of edits, as jiwer has it. */
  readonly score: number;
  readonly edits: number;
  /** Symbols (words or characters) in the references. */
  readonly refLength: number;
}

/** Word error rate; words stand between spaces (U+0020). Throws as `corpusScore` does. */
export const wer = (hypotheses: readonly string[], references: readonly References[]) =>
  corpusScore(werMetric, hypotheses, references);

/** Character error rate; spaces inside a line are characters, those around it are not. Throws as `corpusScore` does. */
export const cer = (hypotheses: readonly string[], references: readonly References[]) =>
  corpusScore(cerMetric, hypotheses, references);

export const werMetric = errorRate("word", (text) => strip(joinSpaces(text)).split(" ").filter(Boolean));
export const cerMetric = errorRate("char", (text) => [...strip(text)]);

/** The edits to the reference that needs fewest for its length. */
function errorRate(unit: string, cut: (text: string) => string[]): CorpusMetric<ErrorRate> {
  return {
    statistics(hypothesis, references) {
      const symbols = cut(hypothesis);
      return references
        .map(cut)
        .map((reference) => [editDistance(symbols, reference), reference.length] as const)
        .reduce((best, next) => (rate(next) < rate(best) ? next : best));
    },
    score: ([edits, refLength]) => ({ score: rate([edits!, refLength!]), edits: edits!, refLength: refLength! }),
    signature: (nrefs, extra) => signature(nrefs, extra, { unit }),
  };
}

const rate = ([edits, length]: readonly [edits: number, length: number]): number => edits / (length || 1);
