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
export {
  type BootstrapOptions,
  bootstrap,
  bootstrapSignature,
  type Confidence,
  pairedBootstrap,
  type Scored,
  scored,
} from "./bootstrap.ts";
export { type ChrfOptions, type ChrfScore, chrf, chrfMetric } from "./chrf.ts";
export { accuracy, perplexity } from "./classification.ts";
export { type CorpusMetric, corpusScore, corpusStatistics, type References, referenceCount } from "./corpus.ts";
export { editDistance } from "./edit-distance.ts";
export { numpyIntegers } from "./numpy-random.ts";
export { mae, mase, mse, naiveError, rmse } from "./regression.ts";
export { type TerScore, ter, terMetric } from "./ter.ts";
export { type TerTokenizerOptions, terWords } from "./ter-tokenizer.ts";
export { cer, cerMetric, type ErrorRate, wer, werMetric } from "./word-error.ts";
