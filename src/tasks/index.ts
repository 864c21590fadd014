/** Tasks: what a batch holds, the loss, the metrics, and how files become batches. */
export { type LanguageModelingOptions, languageModeling } from "./language-modeling.ts";
export { solve } from "./least-squares.ts";
export { type MaskedLanguageModelingOptions, maskedLanguageModeling } from "./masked-language-modeling.ts";
export { pseudoPerplexity } from "./pseudo-perplexity.ts";
export {
  type FittedSeries,
  fitSeries,
  heldOut,
  type SequenceRegressionOptions,
  type SeriesData,
  sequenceRegression,
  seriesScores,
} from "./sequence-regression.ts";
export { baselineForecasts } from "./series-baselines.ts";
export type { Batch, Counted, DataOptions, Dataset, Exam, Requirements, Task, Writing } from "./task.ts";
export type { ScheduledSampling, TeacherForcing } from "./teacher-forcing.ts";
export { openTokens, type TextData, type TextTokens } from "./text.ts";
export { type PairData, sourceOf } from "./text-pairs.ts";
export { type TranslationOptions, translation } from "./translation.ts";
export { translationConfidence, translationScores } from "./translation-exam.ts";
