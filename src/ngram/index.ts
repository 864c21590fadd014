/** n-gram language models, counted and smoothed in plain TypeScript: what every neural language model has to beat. */
export { type Counts, countTokens, type Tokens } from "./counts.ts";
export { lossesByOrder, type Ngram, type NgramOptions, ngram, ngramOf, type Smoothing, smoothings } from "./model.ts";
export { sampleNgram } from "./sample.ts";
