/** Numbers about predictions, equal to the reference implementations. */
export {
  type BleuOptions,
  type BleuScore,
  bleu,
  bleuFromStatistics,
  bleuMetric,
  type Smoothing,
  sentenceBleu,
} from "./bleu.ts";
export { type BleuTokenizer, bleuTokenizers, type Tokenize } from "./bleu-tokenizers.ts";
export { type CorpusMetric, corpusScore, corpusStatistics, type References, referenceCount } from "./corpus.ts";
