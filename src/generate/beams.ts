/**
 * Beam search over one prompt's texts (Graves 2012, arXiv:1211.3711; Wu et al. 2016, arXiv:1609.08144, §7), with the rules
 * and the float32 arithmetic of transformers 5 (`_beam_search` in its generation/utils.py).
 */
import type { GenerationConfig } from "./generation-config.ts";

/** A text that goes on. */
export interface Beam {
  /** The new tokens. */
  readonly tokens: readonly number[];
  /** Their log-probability: a sum, rounded to float32 after each. */
  readonly score: number;
  /** How much attention each place of the source has received in all; empty where nobody asks. */
  readonly coverage: Float32Array;
}
/** A text that has ended. Its score is its log-probability over its length penalty, and what coverage adds. */
export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly score: number;
}
/** A beam and its next token. */
export interface Candidate extends Beam {
  /** Which of the running beams it continues. */
  readonly from: number;
}
export interface Search {
  /** At most `numBeams`, best first; none when the search is over. */
  readonly running: readonly Candidate[];
  readonly ended: readonly Hypothesis[];
}

interface Rules extends Pick<GenerationConfig, "numBeams" | "lengthPenalty" | "coveragePenalty" | "earlyStopping"> {
  /** How many new tokens there will be at most. */
  readonly limit: number;
  /** Whether a text ends with its last token, before it has reached that length. */
  ends(tokens: readonly number[]): boolean;
}

/** So many candidates are needed for `numBeams` to remain, if each of the best ends with each of so many tokens. */
export const candidatesOf = ({ numBeams, eosTokenId }: GenerationConfig): number =>
  Math.max(2, 1 + eosTokenId.length) * numBeams;

export const begun: Search = {
  running: [{ tokens: [], score: 0, coverage: new Float32Array(0), from: 0 }],
  ended: [],
};

/**
 * One step: the candidates, best first or in the order they were drawn, become running beams or ended texts. Only the
 * first `numBeams` of them may end; the others are there to go on in their place.
 */
export function advance({ ended }: Search, candidates: readonly Candidate[], rules: Rules): Search {
  const { numBeams, limit, ends } = rules;
  const length = candidates[0]?.tokens.length ?? limit;
  const isOver = candidates.map(({ tokens }) => length >= limit || ends(tokens));
  const kept = candidates
    .flatMap((candidate, i) => (i < numBeams && isOver[i] ? [hypothesis(candidate, rules)] : []))
    .reduce((best, one) => insert(best, one, numBeams), ended);
  const running = candidates
    .filter((_, i) => !isOver[i])
    .sort((a, b) => b.score - a.score)
    .slice(0, numBeams);
  return { running: isDecided(running[0], kept, length, rules) ? [] : running, ended: kept };
}

function hypothesis({ tokens, score, coverage }: Beam, { lengthPenalty, coveragePenalty }: Rules): Hypothesis {
  const normalized = normalize(score, lengthPenalty(tokens.length));
  return { tokens, score: coveragePenalty ? normalized + coveragePenalty(coverage) : normalized };
}

/** Into a list with the best first; of equal ones the older comes first. */
function insert(best: readonly Hypothesis[], one: Hypothesis, most: number): readonly Hypothesis[] {
  const at = best.findIndex(({ score }) => score < one.score);
  return best.toSpliced(at < 0 ? best.length : at, 0, one).slice(0, most);
}

/** Whether nothing that goes on is expected to come among the best. */
function isDecided(best: Beam | undefined, ended: readonly Hypothesis[], length: number, rules: Rules): boolean {
  const { numBeams, lengthPenalty, earlyStopping, limit } = rules;
  if (best === undefined) return true;
  if (ended.length < numBeams) return false;
  if (earlyStopping === true) return true;
  const longest = earlyStopping === "never" && lengthPenalty(limit) > lengthPenalty(length) ? limit : length;
  return !(normalize(best.score, lengthPenalty(longest)) > ended.at(-1)!.score);
}

const normalize = (score: number, penalty: number): number => Math.fround(score / Math.fround(penalty));
