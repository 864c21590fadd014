/**
 * How sure a score is: the bootstrap (Efron 1979), which scores samples drawn from the examples with repetition, and its
 * paired form, which asks whether one system is better than another on the same examples (Koehn 2004, "Statistical
 * significance tests for machine translation evaluation"). Samples, intervals and p-values are sacreBLEU 2.6's.
 */
import { type CorpusMetric, corpusStatistics, type References } from "./corpus.ts";
import { numpyIntegers } from "./numpy-random.ts";

export interface BootstrapOptions {
  /** How many samples are scored. */
  readonly samples?: number;
  readonly seed?: number;
}

export interface Confidence {
  /** Of all the examples. */
  readonly score: number;
  /** Of the samples' scores. */
  readonly mean: number;
  /** Where the middle 95 % of the samples' scores lie. */
  readonly low: number;
  readonly high: number;
  /** Half of `high - low`: what stands behind the ±. */
  readonly margin: number;
}

/** The sum over examples becomes a score: that of one example's numbers, of a sample's or of all. */
export interface Scored {
  /** The same number of numbers for each example: `[correct, 1]`, `[squared error, 1]`, `corpusStatistics(…)`. */
  readonly statistics: readonly (readonly number[])[];
  readonly score: (sums: readonly number[]) => number;
}

/** Throws for no examples, more than 2^21, and fewer samples than one. */
export function bootstrap({ statistics, score }: Scored, options?: BootstrapOptions): Confidence {
  const [scores] = resample([statistics], score, options);
  return confidence(total(statistics, score), scores!);
}

/**
 * Of each system its confidence, and the probability `p` of a difference as large as theirs if neither were better:
 * below 0.05 it is called significant. Both are scored on the same samples. Throws as `bootstrap` does, and where the
 * two have not equally many examples.
 */
export function pairedBootstrap(
  { baseline, system, score }: { readonly baseline: Rows; readonly system: Rows; readonly score: Scored["score"] },
  options?: BootstrapOptions,
): { readonly baseline: Confidence; readonly system: Confidence; readonly p: number } {
  if (baseline.length !== system.length)
    throw new RangeError(
      `bootstrap: the baseline has ${baseline.length} examples, but the system ${system.length}; both need the same ones`,
    );
  const [before, after] = resample([baseline, system], score, options) as [number[], number[]];
  const results = {
    baseline: confidence(total(baseline, score), before),
    system: confidence(total(system, score), after),
  };
  const differences = after.map((ours, i) => Math.abs(ours - before[i]!));
  const chance = mean(differences);
  const found = Math.abs(results.system.score - results.baseline.score);
  const beyond = differences.filter((difference) => difference - chance > found).length;
  return { ...results, p: (beyond + 1) / (differences.length + 1) };
}
type Rows = Scored["statistics"];

/** What a metric's `bootstrap` and `pairedBootstrap` need of hypotheses and references; throws as `corpusScore` does. */
export const scored = (
  metric: CorpusMetric,
  hypotheses: readonly string[],
  references: readonly References[],
): Scored => ({
  statistics: corpusStatistics(metric, hypotheses, references),
  score: (sums) => metric.score(sums).score,
});

/** What a signature says of a bootstrap: `metric.signature(nrefs, bootstrapSignature())`. */
export const bootstrapSignature = ({ samples = 1000, seed = 12345 }: BootstrapOptions = {}): string =>
  `bs:${samples}|seed:${seed}`;

/** The scores of the same samples for each of several systems. */
function resample(
  systems: readonly Rows[],
  score: Scored["score"],
  { samples = 1000, seed = 12345 }: BootstrapOptions = {},
): number[][] {
  const examples = systems[0]!.length;
  if (examples === 0) throw new RangeError("bootstrap: there are no examples to draw from");
  if (!(Number.isInteger(samples) && samples >= 1))
    throw new RangeError(`bootstrap: samples is ${samples}, but must be a whole number ≥ 1`);
  const draw = numpyIntegers(seed, examples);
  const width = systems[0]![0]!.length;
  const flat = systems.map((rows) => Float64Array.from(rows.flat()));
  const scores: number[][] = systems.map(() => []);
  for (let sample = 0; sample < samples; sample++) {
    const sums = systems.map(() => new Array<number>(width).fill(0));
    for (let i = 0; i < examples; i++) {
      const at = draw() * width;
      for (const [s, rows] of flat.entries()) for (let k = 0; k < width; k++) sums[s]![k]! += rows[at + k]!;
    }
    for (const [s, made] of sums.entries()) scores[s]!.push(score(made));
  }
  return scores;
}

function confidence(score: number, scores: readonly number[]): Confidence {
  const sorted = scores.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 40);
  const [low, high] = [sorted[cut]!, sorted[sorted.length - cut - 1]!];
  return { score, mean: mean(sorted), low, high, margin: (high - low) / 2 };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

const total = (rows: Rows, score: Scored["score"]): number =>
  score(
    rows.reduce(
      (sums, row) => sums.map((sum, k) => sum + row[k]!),
      rows[0]!.map(() => 0),
    ),
  );
