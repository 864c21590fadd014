/** Text to ids and back: tokenizers that are trained here, and saved so that Hugging Face's library opens them. */

export { type ByteOptions, byteTokenizer } from "./byte.ts";
export { type CharOptions, charTokenizer, trainCharTokenizer } from "./character.ts";
export { applyChatTemplate, type ChatMessage, type ChatOptions } from "./chat-template.ts";
export { encodeChunks, type TextSource } from "./chunks.ts";
export type { Encoding } from "./encoding.ts";
export { hasTokenizer, loadTokenizer, saveTokenizer } from "./files.ts";
export type { EncodeOptions } from "./finishing.ts";
export { fromJson } from "./from-json.ts";
export { compressionCurve, measureTokenizer, type TokenizerMeasure } from "./measure.ts";
export type { Dropout } from "./models/bpe-dropout.ts";
export { noTokenizer } from "./none.ts";
export { byteOffsets, codePointOffsets } from "./offsets.ts";
export { tokenizerFrom } from "./pretrained/folder.ts";
export { fromSentencePiece } from "./pretrained/sentencepiece.ts";
export { readSentencePiece, type SentencePieceModel } from "./pretrained/sentencepiece-file.ts";
export { fromTiktoken, type TiktokenOptions, tiktokenPatterns } from "./pretrained/tiktoken.ts";
export type { DecodeOptions, DecodeStream, Role, SpecialTokens, Tokenizer } from "./tokenizer.ts";
export { type TokenizerJson, tokenizerConfig } from "./tokenizer-json.ts";
export { trainWordTokenizer, type WordOptions, wordTokenizer } from "./train-word.ts";
export { trainInWorker } from "./training/in-worker.ts";
export {
  checkTrainOptions,
  type TokenizerType,
  type TrainTokenizerOptions,
  tokenizerTypes,
  trainTokenizer,
} from "./training/kinds.ts";
export {
  type MergeTrainOptions,
  type TrainingProgress,
  type TrainOptions,
  trainBpeTokenizer,
  trainUnigramTokenizer,
  trainWordPieceTokenizer,
  type UnigramTrainOptions,
} from "./training/train.ts";
export type { PaddingOptions, TruncationOptions } from "./truncation.ts";
export { fromVocabAndMerges, fromVocabTxt, toMergesTxt, toVocabTxt } from "./vocabulary-files.ts";
