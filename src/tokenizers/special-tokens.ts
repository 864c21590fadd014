/**
 * Special tokens (`<bos>`, `<unk>` …) written in a text are one token each, whatever the algorithm makes of their
 * letters. Where two begin at the same place the longer wins (`added_tokens` of Hugging Face's `tokenizers`).
 */
import type { SpecialTokens } from "./tokenizer.ts";

export interface Segment {
  text: string;
  /** Where it begins, in UTF-16 units. */
  at: number;
  special: boolean;
}

export interface SpecialTokenFinder {
  /** The text as plain parts and special tokens, in order, none of them empty. */
  segments(text: string): Iterable<Segment>;
  /** Where a special token stands across `text[end]`, or may do so when more text comes; undefined if nowhere. */
  across(text: string, end: number): number | undefined;
}

/** The tokens in the order in which they were named; GPT-2's "<|endoftext|>" plays several parts and comes once. */
export const distinct = (specialTokens: SpecialTokens): string[] => [...new Set(Object.values(specialTokens))];

/** Throws for a token that could be taken for a piece of text: one character, or none. */
export function specialTokenFinder(special: readonly string[]): SpecialTokenFinder {
  const wrong = special.find((token) => !token.isWellFormed() || [...token].length < 2);
  if (wrong !== undefined)
    throw new Error(`special token ${JSON.stringify(wrong)}: must be at least two characters, such as "<eos>"`);

  const byLength = special.toSorted((a, b) => b.length - a.length);
  const longest = byLength[0]?.length ?? 0;
  const pattern = byLength.length === 0 ? undefined : new RegExp(byLength.map(escapeRegex).join("|"), "g");

  function* segments(text: string): Iterable<Segment> {
    let at = 0;
    for (const { 0: token, index } of pattern ? text.matchAll(pattern) : []) {
      if (index > at) yield { text: text.slice(at, index), at, special: false };
      yield { text: token, at: index, special: true };
      at = index + token.length;
    }
    if (at < text.length) yield { text: text.slice(at), at, special: false };
  }

  function across(text: string, end: number): number | undefined {
    for (let at = Math.max(0, end - longest); at < end; at++)
      for (const token of special)
        if (at + token.length > end && token.startsWith(text.slice(at, at + token.length))) return at;
    return undefined;
  }

  return { segments, across };
}

/** Text as a regular expression that matches it, in JavaScript and in Oniguruma. */
export const escapeRegex = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
