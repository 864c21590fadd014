/**
 * Learns byte-pair encoding's merges: the most frequent pair of neighbours becomes a token, again and again (Sennrich et
 * al. 2016, arXiv:1508.07909), the pair with the lower ids first where two are equally frequent. The same merges as
 * Rust's `BpeTrainer` 0.23, which keeps a pair's places by the step that made them; so a pair can be merged twice.
 */
import { byCodePoint } from "../vocabulary.ts";
import { type Candidate, candidateHeap } from "./candidates.ts";
import { growingPairs } from "./growing-pairs.ts";

export interface BpeTraining {
  vocabSize: number;
  /** A pair that is rarer is not merged (default 0). */
  minFrequency?: number;
  /** They get the first ids. */
  specialTokens?: readonly string[];
  /** Characters that are tokens even if the text lacks them. */
  initialAlphabet?: readonly string[];
  /** At most so many characters are tokens, the most frequent; others are left out of their words. */
  limitAlphabet?: number;
  /** Written before a character that does not begin its word. */
  continuingSubwordPrefix?: string;
  /** Tokens stand for fewer than so many characters in a merge with a neighbour (default: no limit). */
  maxTokenLength?: number;
  onProgress?: (tokens: number, vocabSize: number) => void;
  signal?: AbortSignal;
}

export interface TrainedBpe {
  /** Tokens by id. */
  tokens: string[];
  merges: [string, string][];
}

/** @param counts how often each word occurs. Throws if the alphabet alone is larger than the vocabulary. */
export function trainBpe(counts: ReadonlyMap<string, number>, options: BpeTraining): TrainedBpe {
  const { vocabSize, minFrequency = 0, continuingSubwordPrefix: prefix = "", onProgress, signal } = options;
  const { maxTokenLength = Number.POSITIVE_INFINITY } = options;
  const { tokens, ids } = alphabetOf(counts, options);
  const { words, weights } = spell(counts, prefix, tokens, ids);
  const lengths = words.map((word) => word.map(() => 1)); // in characters

  const pairs = growingPairs();
  const totals: number[] = [];
  let places: number[][] = []; // for the pairs of this step: the words that hold them
  let touched: number[] = [];
  const change = (a: number, b: number, by: number, word: number) => {
    const pair = pairs.indexOf(a, b);
    totals[pair] = (totals[pair] ?? 0) + by * weights[word]!;
    if (by < 0) return;
    let list = places[pair];
    if (!list) {
      list = places[pair] = [];
      touched.push(pair);
    }
    if (list.at(-1) !== word) list.push(word);
  };
  const heap = candidateHeap();
  const release = () => {
    for (const pair of touched) {
      const count = totals[pair]!;
      if (count > 0) heap.push({ ...pairs.at(pair), pair, count, words: places[pair]! });
    }
    places = [];
    touched = [];
  };

  for (const [w, word] of words.entries()) for (let i = 1; i < word.length; i++) change(word[i - 1]!, word[i]!, 1, w);
  release();
  const merges: [string, string][] = [];
  while (tokens.length < vocabSize) {
    const top: Candidate | undefined = heap.pop();
    if (!top) break;
    if (top.count !== totals[top.pair]) {
      heap.push({ ...top, count: totals[top.pair]! });
      continue;
    }
    if (top.count < 1 || top.count < minFrequency) break;
    const [a, b] = [tokens[top.a]!, tokens[top.b]!];
    const token = a + (prefix !== "" && b.startsWith(prefix) ? b.slice(prefix.length) : b);
    let id = ids.get(token);
    if (id === undefined) {
      id = tokens.push(token) - 1;
      ids.set(token, id);
    }
    merges.push([a, b]);
    for (const w of top.words)
      merge(words[w]!, lengths[w]!, top, id, maxTokenLength, (x, y, by) => change(x, y, by, w));
    release();
    if (tokens.length % 100 === 0) {
      signal?.throwIfAborted();
      onProgress?.(tokens.length, vocabSize);
    }
  }
  return { tokens, merges };
}

/** Joins a pair wherever it stands in a word, and says which pairs come and go. */
function merge(
  word: number[],
  lengths: number[],
  { a, b }: { a: number; b: number },
  id: number,
  maxLength: number,
  change: (a: number, b: number, by: 1 | -1) => void,
): void {
  let kept = 0;
  for (let i = 0; i < word.length; i++) {
    if (word[i] !== a || word[i + 1] !== b) {
      word[kept] = word[i]!;
      lengths[kept++] = lengths[i]!;
      continue;
    }
    const length = lengths[i]! + lengths[i + 1]!;
    if (kept > 0) {
      change(word[kept - 1]!, a, -1);
      if (lengths[kept - 1]! + length < maxLength) change(word[kept - 1]!, id, 1);
    }
    const next = word[i + 2];
    if (next !== undefined) {
      change(b, next, -1);
      if (lengths[i + 2]! + length < maxLength) change(id, next, 1);
    }
    word[kept] = id;
    lengths[kept++] = length;
    i++;
  }
  word.length = lengths.length = kept;
}

/** Special tokens, then characters in the order of Unicode. */
function alphabetOf(counts: ReadonlyMap<string, number>, options: BpeTraining) {
  const { vocabSize, specialTokens = [], initialAlphabet = [], limitAlphabet = Number.POSITIVE_INFINITY } = options;
  const seen = new Map<string, number>();
  for (const [word, count] of counts)
    for (const character of word) seen.set(character, (seen.get(character) ?? 0) + count);
  for (const character of initialAlphabet) seen.set(character, Number.POSITIVE_INFINITY);
  const frequent = [...seen].sort(([a, m], [b, n]) => (m === n ? byCodePoint(a, b) : n - m)).slice(0, limitAlphabet);
  const tokens = [...new Set([...specialTokens, ...frequent.map(([character]) => character).sort(byCodePoint)])];
  if (tokens.length > vocabSize)
    throw new RangeError(
      `trainBpe: vocabSize is ${vocabSize}, but there are ${specialTokens.length} special tokens and ${frequent.length} characters; ` +
        "raise it, or set limitAlphabet",
    );
  return { tokens, ids: new Map(tokens.map((token, id) => [token, id])) };
}

/** Words as the ids of their characters; those outside the alphabet are left out. */
function spell(counts: ReadonlyMap<string, number>, prefix: string, tokens: string[], ids: Map<string, number>) {
  const words: number[][] = [];
  const weights: number[] = [];
  for (const [word, count] of counts) {
    const spelled: number[] = [];
    let first = true;
    for (const character of word) {
      const written = first ? character : prefix + character;
      first = false;
      if (!ids.has(character)) continue;
      let id = ids.get(written);
      if (id === undefined) {
        id = tokens.push(written) - 1;
        ids.set(written, id);
      }
      spelled.push(id);
    }
    words.push(spelled);
    weights.push(count);
  }
  return { words, weights };
}
