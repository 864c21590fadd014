/**
 * Learns a word tokenizer's vocabulary: the most frequent words of a text, equally frequent ones in the order of
 * Unicode. The same words with the same ids as Hugging Face's `WordLevelTrainer`.
 */
import { recut, type TextSource } from "./chunks.ts";
import { distinct } from "./special-tokens.ts";
import type { SpecialTokens, Tokenizer } from "./tokenizer.ts";
import { byCodePoint, vocabulary } from "./vocabulary.ts";
import { cutWords, lower, mark, splitWords, wordTokenizerOf } from "./word.ts";

export interface WordOptions {
  /** A word that occurs less often is `<unk>` (default 1). */
  minFrequency?: number;
  /** Read "The" as "the" (default false); decoding then gives lower case. */
  lowercase?: boolean;
  /** At most so many tokens, special ones included: the most frequent (default all). */
  vocabSize?: number;
  /** They get the first ids; `unk` is "<unk>" unless named here. */
  specialTokens?: SpecialTokens;
}

/**
 * Learns the words of a text.
 * @example
 * const t = wordTokenizer("the cat, the dog");
 * t.encode("the dog, the fox").tokens; // ["the", "dog", ",", " ", "the", "<unk>"]
 */
export function wordTokenizer(text: string, options: WordOptions = {}): Tokenizer {
  const counts = new Map<string, number>();
  count(text, counts, options);
  return fromCounts(counts, options);
}

/** Learns the words of a text in chunks; memory grows with the number of different words only. */
export async function trainWordTokenizer(source: TextSource, options: WordOptions = {}): Promise<Tokenizer> {
  const counts = new Map<string, number>();
  for await (const text of recut(source, cutWords)) count(text, counts, options);
  return fromCounts(counts, options);
}

function count(text: string, counts: Map<string, number>, { lowercase = false }: WordOptions): void {
  for (const [piece] of splitWords(text.toWellFormed())) {
    const word = lowercase ? lower(piece) : piece;
    const n = counts.get(word);
    if (n === undefined)
      counts.set([...word].join(""), 1); // a copy: a slice would keep its whole chunk in memory
    else counts.set(word, n + 1);
  }
}

function fromCounts(counts: Map<string, number>, options: WordOptions): Tokenizer {
  const { minFrequency = 1, lowercase = false, vocabSize = Number.POSITIVE_INFINITY } = options;
  const specialTokens = { unk: "<unk>", ...options.specialTokens };
  const special = distinct(specialTokens);
  const room = vocabSize - special.length;
  if (!(minFrequency >= 1))
    throw new RangeError(`wordTokenizer: minFrequency is ${minFrequency}; it must be at least 1`);
  if (!(room >= 1))
    throw new RangeError(
      `wordTokenizer: vocabSize is ${vocabSize}, which leaves no room beside the special tokens (${special.length})`,
    );
  if (counts.size === 0) throw new Error("wordTokenizer: the training text is empty, so there is nothing to learn");

  for (const taken of [mark, ...special]) counts.delete(taken);
  const words = [...counts].filter(([, n]) => n >= minFrequency).sort(([a, m], [b, n]) => n - m || byCodePoint(a, b));
  if (words.length === 0)
    throw new Error(`wordTokenizer: no word of the training text occurs ${minFrequency} times; lower minFrequency`);
  const kept = words.slice(0, room).map(([word]) => word);
  return wordTokenizerOf(vocabulary([...special, ...kept]), special, specialTokens, lowercase);
}
