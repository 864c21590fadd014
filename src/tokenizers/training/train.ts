/** Trains tokenizers of well-known kinds from text, in the pipelines that these kinds are known for. */
import { byteAlphabet } from "../byte.ts";
import type { TextSource } from "../chunks.ts";
import { fromJson } from "../from-json.ts";
import { distinct } from "../special-tokens.ts";
import type { SpecialTokens, Tokenizer } from "../tokenizer.ts";
import { addedToken, type Json, tokenizerConfig } from "../tokenizer-json.ts";
import { trainBpe } from "./bpe-trainer.ts";
import { countWords } from "./count-words.ts";
import { trainUnigram } from "./unigram-trainer.ts";

/** How far a training is: characters of text that are read, or tokens that are learned (Unigram: rounds). */
export type TrainingProgress =
  | { readonly stage: "reading"; readonly done: number }
  | { readonly stage: "learning"; readonly done: number; readonly total: number };

export interface TrainOptions {
  /** How many tokens, special ones included (default 30,000; Unigram 8,000). Fewer if the text has no more. */
  vocabSize?: number;
  /** They get the first ids. */
  specialTokens?: SpecialTokens;
  /** Special tokens without a part; their ids follow. */
  extraSpecialTokens?: readonly string[];
  onProgress?: (progress: TrainingProgress) => void;
  signal?: AbortSignal;
}

export interface MergeTrainOptions extends TrainOptions {
  /** A pair that is rarer is not merged (default 0). */
  minFrequency?: number;
  /** At most so many characters are tokens, the most frequent; others are left out of their words. */
  limitAlphabet?: number;
  /** A merge with a neighbour stands for fewer than so many characters (default: no limit). */
  maxTokenLength?: number;
}

export interface UnigramTrainOptions extends TrainOptions {
  /** A token stands for at most so many characters (default 16). */
  maxTokenLength?: number;
}

const cased = { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null };
const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

/** GPT-2's kind: byte-level byte-pair encoding, which can say every text. The merges are those of Rust's `BpeTrainer`. */
export async function trainBpeTokenizer(source: TextSource, options: MergeTrainOptions = {}): Promise<Tokenizer> {
  const { specialTokens = { eos: "<|endoftext|>" }, extraSpecialTokens = [] } = options;
  const parts = {
    normalizer: null,
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
  };
  const special = [...distinct(specialTokens), ...extraSpecialTokens];
  const counts = await countWords(source, parts, reading(options));
  const { tokens, merges } = trainBpe(counts, {
    ...learning(options),
    specialTokens: special,
    initialAlphabet: byteAlphabet,
  });
  return built(parts, { type: "BPE", vocab: numbered(tokens), merges }, tokens, specialTokens, special);
}

/** BERT's kind: WordPiece, its tokens learned as byte-pair encoding's (as Rust's `WordPieceTrainer` does). */
export async function trainWordPieceTokenizer(
  source: TextSource,
  { lowercase = true, ...options }: MergeTrainOptions & { lowercase?: boolean } = {},
): Promise<Tokenizer> {
  const named = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };
  const specialTokens = { ...named, ...options.specialTokens };
  const special = [...distinct(specialTokens), ...(options.extraSpecialTokens ?? [])];
  const parts = {
    normalizer: { ...cased, lowercase },
    pre_tokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  };
  const counts = await countWords(source, parts, reading(options));
  const training = { ...learning(options), specialTokens: special, continuingSubwordPrefix: "##" };
  const { tokens } = trainBpe(counts, training);
  const { unk, cls, sep } = specialTokens;
  const model = {
    type: "WordPiece",
    unk_token: unk,
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: numbered(tokens),
  };
  const post_processor = { type: "BertProcessing", sep: [sep, tokens.indexOf(sep)], cls: [cls, tokens.indexOf(cls)] };
  return built({ ...parts, post_processor }, model, tokens, specialTokens, special);
}

/**
 * SentencePiece's kind, as T5's: NFKC, spaces written ▁, and Unigram's most probable tokens; several spaces in a row
 * become one. The tokens are those of Rust's `UnigramTrainer`.
 */
export async function trainUnigramTokenizer(source: TextSource, options: UnigramTrainOptions = {}): Promise<Tokenizer> {
  const named = { pad: "<pad>", eos: "</s>", unk: "<unk>" };
  const specialTokens = { ...named, ...options.specialTokens };
  const special = [...distinct(specialTokens), ...(options.extraSpecialTokens ?? [])];
  const spaces = { type: "Replace", pattern: { Regex: " {2,}" }, content: " " };
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  const parts = {
    normalizer: { type: "Sequence", normalizers: [{ type: "Nmt" }, { type: "NFKC" }, spaces] },
    pre_tokenizer: metaspace,
    decoder: metaspace,
  };
  const counts = await countWords(source, parts, reading(options));
  const { vocabSize = 8000, maxTokenLength = 16, onProgress, signal } = options;
  const vocab = trainUnigram(counts, {
    ...{ vocabSize, specialTokens: special, maxPieceLength: maxTokenLength },
    ...(signal && { signal }),
    ...(onProgress && { onProgress: (done, total) => onProgress({ stage: "learning", done, total }) }),
  });
  const tokens = vocab.map(([token]) => token);
  const model = { type: "Unigram", unk_id: tokens.indexOf(specialTokens.unk), vocab, byte_fallback: false };
  const { eos } = specialTokens;
  const piece = (id: string) => ({ Sequence: { id, type_id: 0 } });
  const end = { SpecialToken: { id: eos, type_id: 0 } };
  const post_processor = {
    type: "TemplateProcessing",
    single: [piece("A"), end],
    pair: [piece("A"), end, piece("B"), end],
    special_tokens: { [eos]: { id: eos, ids: [tokens.indexOf(eos)], tokens: [eos] } },
  };
  return built({ ...parts, post_processor }, model, tokens, specialTokens, special);
}

/** What the reading of a text needs of a training's options. */
export const reading = ({ onProgress, signal }: TrainOptions) => ({
  signal,
  onProgress: onProgress && ((done: number) => onProgress({ stage: "reading", done })),
});

const learning = ({ vocabSize = 30_000, onProgress, signal, ...options }: MergeTrainOptions) => ({
  vocabSize,
  ...(options.minFrequency !== undefined && { minFrequency: options.minFrequency }),
  ...(options.limitAlphabet !== undefined && { limitAlphabet: options.limitAlphabet }),
  ...(options.maxTokenLength !== undefined && { maxTokenLength: options.maxTokenLength }),
  ...(signal && { signal }),
  ...(onProgress && {
    onProgress: (done: number, total: number) => onProgress({ stage: "learning", done, total }),
  }),
});

const numbered = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

function built(
  parts: { readonly [part: string]: Json },
  model: object,
  tokens: readonly string[],
  specialTokens: SpecialTokens,
  special: readonly string[],
): Tokenizer {
  const added_tokens = special.map((token) => addedToken(tokens.indexOf(token), token));
  const json = { version: "1.0", truncation: null, padding: null, added_tokens, post_processor: null, ...parts, model };
  return fromJson(json, tokenizerConfig(specialTokens));
}
