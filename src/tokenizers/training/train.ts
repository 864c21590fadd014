/**
 * Trains tokenizers of well-known kinds from text, and gives them as `tokenizer.json` has them. Text is read line by line,
 * as Rust's `train` reads files, so that it need not fit into memory; what is kept are the different words.
 */
import { byteAlphabet } from "../byte.ts";
import { fields } from "../check-json.ts";
import type { TextSource } from "../chunks.ts";
import { fromJson } from "../from-json.ts";
import { readNormalizer } from "../normalizers/read.ts";
import { readPreTokenizer } from "../pre-tokenizers/read.ts";
import { distinct } from "../special-tokens.ts";
import type { SpecialTokens, Tokenizer } from "../tokenizer.ts";
import { addedToken, type Json, tokenizerConfig } from "../tokenizer-json.ts";
import { type BpeTraining, trainBpe } from "./bpe-trainer.ts";

export type TrainOptions = Pick<
  BpeTraining,
  "minFrequency" | "limitAlphabet" | "maxTokenLength" | "onProgress" | "signal"
> & {
  /** How many tokens, special ones included (default 30,000). Fewer if the text has no more pairs. */
  vocabSize?: number;
  /** They get the first ids. */
  specialTokens?: SpecialTokens;
};

const cased = { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null };
const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

/** GPT-2's kind: byte-level byte-pair encoding, which can say every text. The merges are those of Rust's `BpeTrainer`. */
export async function trainBpeTokenizer(source: TextSource, options: TrainOptions = {}): Promise<Tokenizer> {
  const parts = {
    normalizer: null,
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
  };
  const { tokens, merges } = trainBpe(await countWords(source, parts, options), {
    ...withDefaults(options),
    initialAlphabet: byteAlphabet,
  });
  const model = { type: "BPE", vocab: numbered(tokens), merges };
  return built(parts, model, tokens, options.specialTokens ?? { eos: "<|endoftext|>" });
}

/** BERT's kind: WordPiece, its tokens learned as byte-pair encoding's (as Rust's `WordPieceTrainer` does). */
export async function trainWordPieceTokenizer(
  source: TextSource,
  { lowercase = true, ...options }: TrainOptions & { lowercase?: boolean } = {},
): Promise<Tokenizer> {
  const named = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };
  const specialTokens = { ...named, ...options.specialTokens };
  const parts = {
    normalizer: { ...cased, lowercase },
    pre_tokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  };
  const training = { ...withDefaults({ ...options, specialTokens }), continuingSubwordPrefix: "##" };
  const { tokens } = trainBpe(await countWords(source, parts, options), training);
  const { unk, cls, sep } = specialTokens;
  const model = {
    type: "WordPiece",
    unk_token: unk,
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
    vocab: numbered(tokens),
  };
  const post_processor = { type: "BertProcessing", sep: [sep, tokens.indexOf(sep)], cls: [cls, tokens.indexOf(cls)] };
  return built({ ...parts, post_processor }, model, tokens, specialTokens);
}

const withDefaults = ({
  specialTokens = { eos: "<|endoftext|>" },
  vocabSize = 30_000,
  ...options
}: TrainOptions): BpeTraining => ({
  ...options,
  vocabSize,
  specialTokens: distinct(specialTokens),
});

const numbered = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

function built(
  parts: { readonly [part: string]: Json },
  model: object,
  tokens: readonly string[],
  specialTokens: SpecialTokens,
): Tokenizer {
  const added_tokens = distinct(specialTokens).map((token) => addedToken(tokens.indexOf(token), token));
  const json = { version: "1.0", truncation: null, padding: null, added_tokens, post_processor: null, ...parts, model };
  return fromJson(json, tokenizerConfig(specialTokens));
}

/** How often each piece of the text occurs, as normalizer and pre-tokenizer make it. */
export async function countWords(
  source: TextSource,
  parts: { readonly normalizer: Json; readonly pre_tokenizer: Json },
  { signal }: { signal?: AbortSignal } = {},
): Promise<Map<string, number>> {
  const normalizer = parts.normalizer === null ? undefined : readNormalizer(fields(parts.normalizer, "normalizer"));
  const stages = readPreTokenizer(fields(parts.pre_tokenizer, "pre_tokenizer"));
  const raw = new Map<string, number>();
  const firstEdit = stages.findLastIndex((stage) => "split" in stage) + 1; // edits of single words wait for the counts
  for await (const line of linesOf(source)) {
    signal?.throwIfAborted();
    let pieces = [normalizer ? normalizer.apply(line.toWellFormed(), true) : line.toWellFormed()];
    for (const stage of stages.slice(0, firstEdit))
      pieces = pieces.flatMap((piece) =>
        "edit" in stage ? [stage.edit.apply(piece, true)] : slices(piece, stage.split(piece)),
      );
    for (const piece of pieces) {
      const count = raw.get(piece);
      raw.set(count === undefined && piece.length > 12 ? [...piece].join("") : piece, (count ?? 0) + 1);
    }
  }
  const counts = new Map<string, number>();
  for (const [piece, count] of raw) {
    const word = stages
      .slice(firstEdit)
      .reduce((text, stage) => ("edit" in stage ? stage.edit.apply(text, true) : text), piece);
    if (word !== "") counts.set(word, (counts.get(word) ?? 0) + count);
  }
  if (counts.size === 0) throw new Error("the training text is empty, so there is nothing to learn");
  return counts;
}

function slices(text: string, bounds: readonly number[]): string[] {
  const list: string[] = [];
  for (let i = 0; i < bounds.length; i += 2) list.push(text.slice(bounds[i], bounds[i + 1]));
  return list;
}

/** Lines with their ends, whatever the chunks. */
async function* linesOf(source: TextSource): AsyncIterable<string> {
  let rest = "";
  for await (const chunk of typeof source === "string" ? [source] : source) {
    let at = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", at)) {
      yield rest + chunk.slice(at, end + 1);
      rest = "";
      at = end + 1;
    }
    rest += chunk.slice(at);
  }
  if (rest !== "") yield rest;
}
