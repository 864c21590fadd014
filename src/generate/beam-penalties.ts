/** What makes texts of different lengths comparable: a beam search's score is log p / penalty(length) + coverage. */

/** What a text's log-probability is divided by, from how many new tokens it has (its end counts, the prompt does not). */
export type LengthPenalty = (length: number) => number;
/** What is added to a text's score, from the attention that each place of the source has received in all. */
export type CoveragePenalty = (attention: Float32Array) => number;

/** length ^ exponent, as transformers' `length_penalty`: above 0 favours long texts, 0 compares plain probabilities. */
export const power =
  (exponent: number): LengthPenalty =>
  (length) =>
    length ** exponent;

/** ((5 + length) / 6) ^ alpha (Wu et al. 2016, arXiv:1609.08144, eq. 14). */
export const wuLength =
  (alpha: number): LengthPenalty =>
  (length) =>
    ((5 + length) / 6) ** alpha;

/**
 * beta · Σ log min(attention, 1) over the source's places: a text loses for what it has not translated (the same, eq. 14).
 * A place that nothing has looked at would cost an infinity, so none counts as less than 1e-9.
 */
export const wuCoverage =
  (beta: number): CoveragePenalty =>
  (attention) =>
    beta * attention.reduce((sum, x) => sum + Math.log(Math.min(Math.max(x, 1e-9), 1)), 0);

/** "1.5", or "wu:0.6" for Wu's with that alpha; undefined where it is neither. */
export function lengthPenaltyOf(text: string): LengthPenalty | undefined {
  const [, wu, number = ""] = /^(wu:)?(.+)$/.exec(text) ?? [];
  const x = number.trim() === "" ? Number.NaN : Number(number);
  if (!Number.isFinite(x)) return undefined;
  return wu ? wuLength(x) : power(x);
}
