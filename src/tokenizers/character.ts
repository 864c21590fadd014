/**
 * Character tokenizer: every Unicode code point of the training text is a token, numbered in the order of Unicode
 * (as in A. Karpathy's char-rnn and nanoGPT: `sorted(set(text))`). Small vocabulary, long sequences, nothing lost.
 */
import { cutCharacters, recut, type TextSource } from "./chunks.ts";
import { distinct } from "./special-tokens.ts";
import { type Algorithm, type Piece, type SpecialTokens, type Tokenizer, tokenizer } from "./tokenizer.ts";
import { type TokenizerParts, wordLevel } from "./tokenizer-json.ts";
import { type Vocabulary, vocabulary } from "./vocabulary.ts";

const codePoints = 0x110000;

export interface CharOptions {
  /** They get the first ids. With `unk`, characters outside the vocabulary become that token; without, they throw. */
  specialTokens?: SpecialTokens;
}

/**
 * Learns the characters of a text.
 * @example
 * const t = charTokenizer("hello");
 * t.encode("hole").ids; // [1, 3, 2, 0]: "e" 0, "h" 1, "l" 2, "o" 3
 */
export function charTokenizer(text: string, options: CharOptions = {}): Tokenizer {
  const seen = new Uint8Array(codePoints);
  see(text, seen);
  return fromSeen(seen, options);
}

/** Learns the characters of a text in chunks; memory does not grow with it. */
export async function trainCharTokenizer(source: TextSource, options: CharOptions = {}): Promise<Tokenizer> {
  const seen = new Uint8Array(codePoints);
  for await (const text of recut(source, cutCharacters)) see(text, seen);
  return fromSeen(seen, options);
}

function see(text: string, seen: Uint8Array): void {
  const wellFormed = text.toWellFormed();
  for (let i = 0; i < wellFormed.length; i++) {
    const code = wellFormed.codePointAt(i)!;
    seen[code] = 1;
    if (code > 0xffff) i++;
  }
}

function fromSeen(seen: Uint8Array, { specialTokens = {} }: CharOptions): Tokenizer {
  const characters: string[] = [];
  for (let code = 0; code < codePoints; code++) if (seen[code]) characters.push(String.fromCodePoint(code));
  if (characters.length === 0)
    throw new Error("charTokenizer: the training text is empty, so there is nothing to learn");
  const special = distinct(specialTokens);
  return charTokenizerOf(vocabulary([...special, ...characters]), special, specialTokens);
}

/** The tokenizer of a given vocabulary, whose tokens are special or one character long. */
export function charTokenizerOf(
  vocabulary: Vocabulary,
  special: readonly string[],
  specialTokens: SpecialTokens,
): Tokenizer {
  const { tokens, ids } = vocabulary;
  const unknown = specialTokens.unk === undefined ? -1 : ids.get(specialTokens.unk)!;
  const idOf = new Int32Array(codePoints).fill(unknown);
  for (const [token, id] of ids) if (isCharacter(token)) idOf[token.codePointAt(0)!] = id;

  const refuse = (code: number, position: number) => {
    const hex = code.toString(16).toUpperCase().padStart(4, "0");
    return new Error(
      `charTokenizer: the character ${JSON.stringify(String.fromCodePoint(code))} (U+${hex}) at position ${position} ` +
        `is not in the vocabulary of ${tokens.length}: train on text that holds it, or with specialTokens { unk: "<unk>" }`,
    );
  };

  const algorithm: Algorithm = {
    vocabulary,
    special,
    specialTokens,
    encodeIds(text, at) {
      const found = new Int32Array(text.length);
      let n = 0;
      for (let i = 0; i < text.length; i++) {
        const code = text.codePointAt(i)!;
        const id = idOf[code]!;
        if (id < 0) throw refuse(code, at + i);
        found[n++] = id;
        if (code > 0xffff) i++; // two UTF-16 units
      }
      return n === text.length ? found : found.slice(0, n);
    },
    *encodePieces(text, at): Iterable<Piece> {
      let start = 0;
      for (const character of text) {
        const code = character.codePointAt(0)!;
        const id = idOf[code]!;
        if (id < 0) throw refuse(code, at + start);
        yield [id, start, start + character.length];
        start += character.length;
      }
    },
    decoder: () => ({ push: (ids) => ids.map((id) => tokens[id]).join(""), end: () => "" }),
    cut: cutCharacters,
    parts: { ...charParts, model: wordLevel(vocabulary, specialTokens.unk) },
  };
  return tokenizer(algorithm);
}

export const isCharacter = (token: string) => token !== "" && String.fromCodePoint(token.codePointAt(0)!) === token;

/**
 * In `tokenizer.json`: a vocabulary of whole pieces (WordLevel), and a regular expression that makes every character a
 * piece. `[\s\S]` and not `.`, which leaves out newlines. Fuse joins tokens; without a decoder, spaces would come between.
 * BPE without merges would also do, but it drops unknown characters silently where WordLevel refuses them.
 */
export const charParts: Omit<TokenizerParts, "model"> = {
  normalizer: null,
  pre_tokenizer: { type: "Split", pattern: { Regex: "[\\s\\S]" }, behavior: "Isolated", invert: false },
  post_processor: null,
  decoder: { type: "Fuse" },
};
