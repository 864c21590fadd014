/**
 * Word tokenizer: a token is a run of letters, marks and digits, or any other single character. The space between two
 * words is not written, for two words in a row can only mean that; every other space and newline is a token. So a word
 * has one form, and decoding gives the text back exactly where all of it is in the vocabulary. What is a letter, the
 * engine's version of Unicode says; Hugging Face's (Oniguruma) may lack its newest characters.
 */
import { escapeRegex } from "./special-tokens.ts";
import { type Piece, type SpecialTokens, type Tokenizer, tokenizer } from "./tokenizer.ts";
import { type TokenizerParts, wordLevel } from "./tokenizer-json.ts";
import type { Vocabulary } from "./vocabulary.ts";

const W = String.raw`[\p{L}\p{M}\p{N}]`;
const silentSpace = `(?<=${W}) (?=${W})`;
const piece = String.raw`${W}+|(?!${silentSpace})[^\p{L}\p{M}\p{N}]`;
const pieces = new RegExp(piece, "gu");

/** The words and other characters of a text. */
export const splitWords = (text: string): Iterable<RegExpExecArray> => text.matchAll(pieces);

/** Lower case, character by character as Rust does it; JavaScript alone writes a Σ that ends a word as ς. */
export const lower = (text: string) => text.replaceAll("Σ", "σ").toLowerCase();

/** The tokenizer of a given vocabulary, which holds `specialTokens.unk`. */
export function wordTokenizerOf(
  vocabulary: Vocabulary,
  special: readonly string[],
  specialTokens: SpecialTokens & { readonly unk: string },
  lowercase: boolean,
): Tokenizer {
  const { tokens, ids } = vocabulary;
  const { unk } = specialTokens;
  const marked = tokens.find((token) => token.includes(mark));
  if (marked !== undefined)
    throw new Error(`wordTokenizer: the token ${JSON.stringify(marked)} holds U+FDD0, with which decoding marks words`);

  const unknown = ids.get(unk)!;
  const idOf = (word: string) => ids.get(lowercase ? lower(word) : word) ?? unknown;
  const starts = matches(tokens, wordStart(unk));
  const ends = matches(tokens, wordEnd(unk));

  return tokenizer({
    vocabulary,
    special,
    specialTokens,
    encodeIds: (text) => new Int32Array((text.match(pieces) ?? []).map(idOf)),
    *encodePieces(text): Iterable<Piece> {
      for (const { 0: word, index } of splitWords(text)) yield [idOf(word), index, index + word.length];
    },
    decoder() {
      let afterWord = false;
      const write = (id: number) => {
        const space = afterWord && starts[id] ? " " : "";
        afterWord = ends[id]!;
        return space + tokens[id]!;
      };
      return { push: (ids) => ids.map(write).join(""), end: () => "" };
    },
    cut: cutWords,
    parts: { ...wordParts(unk, lowercase), model: wordLevel(vocabulary, unk) },
  });
}

function matches(tokens: readonly string[], source: string): boolean[] {
  const regex = new RegExp(source, "u");
  return tokens.map((token) => regex.test(token));
}

/**
 * Cuts at the last place that no token crosses whatever follows: at a space that is not written (which goes), after a
 * character that is neither space nor part of a word, or between two spaces. Half a surrogate pair may become anything.
 */
export function cutWords(text: string): [head: string, rest: string] {
  const place = new RegExp(String.raw`${silentSpace}|(?<=[^ \p{L}\p{M}\p{N}\p{Cs}])|(?<= )(?= )`, "uy");
  for (let at = text.length; at > 0; at--) {
    place.lastIndex = at;
    const found = place.exec(text);
    if (found) return [text.slice(0, found.index), text.slice(found.index + found[0].length)];
  }
  return ["", text];
}

/**
 * In `tokenizer.json`: the expression above finds the pieces, and what is between them is removed. Decoders see one
 * token at a time, so the space between two words takes four of them: put a mark on both sides of each word (an unknown
 * token counts as one), join, make two marks in a row a space, take the other marks out. The mark is U+FDD0, which
 * Unicode keeps for such use inside programs, so that no text should hold it; where one does, it is an unknown token.
 */
export const wordParts = (unk: string, lowercase: boolean): Omit<TokenizerParts, "model"> => ({
  normalizer: lowercase ? { type: "Lowercase" } : null,
  pre_tokenizer: { type: "Split", pattern: { Regex: piece }, behavior: "Removed", invert: true },
  post_processor: null,
  decoder: {
    type: "Sequence",
    decoders: [
      { type: "Replace", pattern: { Regex: `${wordStart(unk)}|${wordEnd(unk)}` }, content: mark },
      { type: "Fuse" },
      { type: "Replace", pattern: { String: mark + mark }, content: " " },
      { type: "Replace", pattern: { String: mark }, content: "" },
    ],
  },
});

export const mark = "\uFDD0";
// `(?<![\s\S])` and `(?![\s\S])` are a token's ends in every dialect: `^` is also a line's, `\A` is not JavaScript
const wordStart = (unk: string) => String.raw`(?<![\s\S])(?=${W}|${escapeRegex(unk)})`;
const wordEnd = (unk: string) => String.raw`(?<=${W}|${escapeRegex(unk)})(?![\s\S])`;
