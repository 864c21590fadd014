/**
 * Metrics of a corpus: every sentence gives a few numbers, and the score is a function of their sums. So a corpus, one
 * sentence and any resample of a corpus are scored alike (`bootstrap.ts`).
 */

/** What one hypothesis is compared with: one reference, or several. */
export type References = string | readonly string[];

export interface CorpusMetric<Score extends { readonly score: number } = { readonly score: number }> {
  /** Of one hypothesis; always the same number of numbers. */
  statistics(hypothesis: string, references: readonly string[]): readonly number[];
  /** From statistics summed over sentences. */
  score(sums: readonly number[]): Score;
  /** What makes the score reproducible; `nrefs` as `referenceCount` gives it, `extra` the pairs of a bootstrap. */
  signature(nrefs: number | "var", extra?: string): string;
}

/**
 * The score of hypotheses against their references (one entry a hypothesis). Throws where they are not equally many,
 * where there are none, and for a hypothesis without a reference.
 */
export const corpusScore = <Score extends { readonly score: number }>(
  metric: CorpusMetric<Score>,
  hypotheses: readonly string[],
  references: readonly References[],
): Score => metric.score(sum(corpusStatistics(metric, hypotheses, references)));

/** The statistics of every sentence; throws as `corpusScore` does. */
export function corpusStatistics(
  metric: CorpusMetric,
  hypotheses: readonly string[],
  references: readonly References[],
): (readonly number[])[] {
  if (hypotheses.length !== references.length)
    throw new RangeError(
      `metrics: ${hypotheses.length} hypotheses, but references for ${references.length}; give one entry a hypothesis`,
    );
  if (hypotheses.length === 0) throw new RangeError("metrics: there are no hypotheses to score");
  return hypotheses.map((hypothesis, i) => {
    const against = list(references[i]!);
    if (against.length === 0) throw new RangeError(`metrics: hypothesis ${i} has no reference (counted from 0)`);
    return metric.statistics(hypothesis, against);
  });
}

/** How many references a hypothesis has, or "var" where that differs: the `nrefs` of a signature. */
export function referenceCount(references: readonly References[]): number | "var" {
  const counts = new Set(references.map((some) => list(some).length));
  return counts.size === 1 ? [...counts][0]! : "var";
}

const list = (references: References): readonly string[] =>
  typeof references === "string" ? [references] : references;

function sum(rows: readonly (readonly number[])[]): number[] {
  const sums = rows[0]!.map(() => 0);
  for (const row of rows) for (let i = 0; i < sums.length; i++) sums[i]! += row[i]!;
  return sums;
}
