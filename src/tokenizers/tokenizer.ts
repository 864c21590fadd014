/**
 * What a tokenizer is: text to ids and back. An algorithm (`character.ts`, `byte.ts`, `word.ts`) says what happens to
 * plain text; `tokenizer` adds what all share: special tokens inside the text, offsets, checks, decoding id by id.
 */
import { type Encoding, encodingOf } from "./encoding.ts";
import { type EncodeOptions, finishing } from "./finishing.ts";
import { specialTokenFinder } from "./special-tokens.ts";
import { type Json, type TokenizerJson, type TokenizerParts, tokenizerJson } from "./tokenizer-json.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The parts a token can play beside the text, and the token that plays it: `{ unk: "<unk>", eos: "</s>" }`. */
export type Role = "unk" | "bos" | "eos" | "pad" | "sep" | "cls" | "mask";
export type SpecialTokens = { readonly [role in Role]?: string };

export interface DecodeOptions {
  /** Leave special tokens out (default false). */
  skipSpecialTokens?: boolean;
}

/** Text from ids as they come. `push` gives the text that no later id can change, `end` what is left of a broken one. */
export interface DecodeStream {
  push(ids: number | Iterable<number>): string;
  end(): string;
}

export interface Tokenizer {
  readonly vocabSize: number;
  readonly specialTokens: SpecialTokens;
  /**
   * Special tokens written in the text are found, and those of the tokenizer's post-processor added.
   * Throws for what the vocabulary cannot say.
   */
  encode(text: string, options?: EncodeOptions): Encoding;
  /** Texts, or pairs of texts; where there is padding, all as long as the longest. */
  encodeBatch(texts: readonly (string | readonly [string, string])[], options?: EncodeOptions): Encoding[];
  /** `encode(text, { addSpecialTokens: false }).ids`, many times as fast, never truncated, padded or with dropout. */
  encodeIds(text: string): Int32Array;
  /** Throws for an id outside the vocabulary. */
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  decodeStream(options?: DecodeOptions): DecodeStream;
  idToToken(id: number): string | undefined;
  tokenToId(token: string): number | undefined;
  /** [head, rest]: whatever comes after text, ids(head) and ids(rest + more) are ids(text + more). For text in chunks. */
  cut(text: string): [head: string, rest: string];
  /** The content of `tokenizer.json`; `fromJson` makes the tokenizer again. */
  toJson(): TokenizerJson;
  /** What `tokenizer_config.json` said, where there was one: chat templates, the longest input, and so on. */
  readonly config?: { readonly [key: string]: Json };
}

export type Piece = readonly [id: number, start: number, end: number];

/** What an algorithm says about plain text: well-formed UTF-16 without special tokens, `at` units into the caller's text. */
export interface Algorithm {
  /** All tokens, special ones among them. */
  readonly vocabulary: Vocabulary;
  /** The tokens that are special, and the parts that some of them play. */
  readonly special: readonly string[];
  readonly specialTokens: SpecialTokens;
  encodeIds(text: string, at: number): Int32Array;
  /** The pre-tokenizer does not cut: all of a text is one piece, one word. Otherwise every token is. */
  readonly onePiece?: boolean;
  /** Ids with their places in `text`. */
  encodePieces(text: string, at: number): Iterable<Piece>;
  /** A new decoder: ids of the vocabulary, special ones among them, in as many runs as one likes. */
  decoder(): { push(ids: readonly number[]): string; end(): string };
  cut(text: string): [head: string, rest: string];
  readonly parts: TokenizerParts;
}

export function tokenizer(algorithm: Algorithm): Tokenizer {
  const { vocabulary, special, specialTokens } = algorithm;
  const { tokens, ids } = vocabulary;
  const { segments, across } = specialTokenFinder(special);
  const specialIds = new Set(special.map((token) => ids.get(token)));

  const idsOf = ({ text, at, special }: { text: string; at: number; special: boolean }) =>
    special ? Int32Array.of(ids.get(text)!) : algorithm.encodeIds(text, at);

  const decodeStream = ({ skipSpecialTokens = false }: DecodeOptions = {}): DecodeStream => {
    const { push, end } = algorithm.decoder();
    const wanted = (ids: Iterable<number>) => {
      const kept: number[] = [];
      for (const id of ids) {
        if (tokens[id] === undefined)
          throw new RangeError(`decode: id ${id} is not in the vocabulary, whose ids are 0 … ${tokens.length - 1}`);
        if (!skipSpecialTokens || !specialIds.has(id)) kept.push(id);
      }
      return kept;
    };
    return { push: (ids) => push(wanted(typeof ids === "number" ? [ids] : ids)), end };
  };

  function encodeOne(text: string): Encoding {
    const made: Parameters<typeof encodingOf>[0] = { ids: [], tokens: [], offsets: [], wordIds: [] };
    let words = -1;
    const add = (id: number, start: number, end: number) => {
      made.ids.push(id);
      made.tokens.push(tokens[id]!);
      made.offsets.push([start, end]);
      made.wordIds.push(words);
    };
    for (const { text: part, at, special } of segments(text.toWellFormed())) {
      words++;
      if (special) add(ids.get(part)!, at, at + part.length);
      else {
        if (!algorithm.onePiece) words--;
        for (const [id, start, end] of algorithm.encodePieces(part, at)) {
          if (!algorithm.onePiece) words++;
          add(id, at + start, at + end);
        }
      }
    }
    return encodingOf(made);
  }
  const { finish, batch } = finishing(encodeOne);

  return {
    vocabSize: tokens.length,
    specialTokens,
    encodeIds: (text) => concat(Array.from(segments(text.toWellFormed()), idsOf)),
    encode: finish,
    encodeBatch: batch,
    decode(ids, options) {
      const { push, end } = decodeStream(options);
      return push(ids) + end();
    },
    decodeStream,
    idToToken: (id) => tokens[id],
    tokenToId: (token) => ids.get(token),
    cut(text) {
      let [head, rest] = algorithm.cut(text);
      for (let at = across(text, head.length); at !== undefined; at = across(text, head.length)) {
        const [before, tail] = algorithm.cut(text.slice(0, at)); // a special token may begin at `at`
        [head, rest] = [before, tail + text.slice(at)];
      }
      return [head, rest];
    },
    toJson: () => tokenizerJson(algorithm),
  };
}

function concat(parts: Int32Array[]): Int32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Int32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
