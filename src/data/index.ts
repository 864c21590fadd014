/** Rows from files, batches from rows; generated tasks with known ceilings. */

export {
  type BlockOptions,
  type Blocks,
  countBlocks,
  evaluationBlocks,
  type IdTensor,
  IGNORED,
  randomBlocks,
  shuffledBlocks,
} from "./blocks.ts";
export { type BucketOptions, type Buckets, bucketBatches } from "./buckets.ts";
export { type ColumnOptions, type Columns, readColumns } from "./columns-file.ts";
export { type MaskedRow, type Masking, maskRow } from "./masking.ts";
export { type PairColumns, type Pairs, readAligned, readLines, readPairs } from "./pair-files.ts";
export {
  type Fit,
  fitScaling,
  type Scaling,
  type Series,
  type SeriesSplit,
  type SplitOptions,
  splitSeries,
  targetBatches,
  type Windows,
  windowsBefore,
} from "./series.ts";
export { readSeries, type SeriesOptions } from "./series-file.ts";
export { evaluationStreams, type StreamBlocks, streamBlocks } from "./streams.ts";
export { checkTextFiles, type ReadTextOptions, readText } from "./text-file.ts";
export { type CollectedTokens, type CollectOptions, collectTokens } from "./token-file.ts";
export { type Ids, section, splitTokens, type TokenSource } from "./token-source.ts";
export { elman } from "./toy/elman.ts";
export type { Rules } from "./toy/grammar.ts";
export { type Language, language } from "./toy/language.ts";
export type { Row, Toy } from "./toy/row.ts";
export { seriesToys, toySeries } from "./toy/series.ts";
export { languages, type ToyRows, type ToyText, toyPairs, toyRows, toys, toyText } from "./toy/toys.ts";
export { village } from "./toy/village.ts";
