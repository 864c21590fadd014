/** How well a tokenizer suits a text: how much of it a token says, what it does not know, which words it splits most. */
import { isObject } from "./check-json.ts";
import { fromJson } from "./from-json.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface SplitWord {
  readonly word: string;
  /** Times it occurs. */
  readonly count: number;
  readonly tokens: readonly string[];
}

export interface TokenizerMeasure {
  readonly vocabSize: number;
  readonly tokens: number;
  /** Of the text in UTF-8: compression. */
  readonly bytesPerToken: number;
  /** Words are what stands between white space. */
  readonly tokensPerWord: number;
  /** The share of the words that are one token. */
  readonly wholeWords: number;
  /** The share of the tokens that are the unknown one. */
  readonly unknown: number;
  /** The share of the vocabulary that the text uses. */
  readonly used: number;
  /** Those that cost most tokens beyond one each, over all their occurrences. */
  readonly mostSplit: readonly SplitWord[];
}

/** @throws for a text without a word, and what `encode` throws. */
export function measureTokenizer(tokenizer: Tokenizer, text: string, { mostSplit = 40 } = {}): TokenizerMeasure {
  const counts = new Map<string, number>();
  let words = 0;
  for (const [word] of text.matchAll(/\S+/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
    words++;
  }
  if (words === 0) throw new Error("measure: the text has no word");
  const ids = tokenizer.encodeIds(text);
  const unk = tokenizer.specialTokens.unk;
  const unkId = unk === undefined ? undefined : tokenizer.tokenToId(unk);
  let whole = 0;
  const split = [...counts].map(([word, count]): SplitWord => {
    const { tokens } = tokenizer.encode(` ${word}`, { addSpecialTokens: false });
    const said = tokens.filter((token) => !/^[ ▁Ġ]$/.test(token)); // the space alone is no part of the word
    if (said.length <= 1) whole += count;
    return { word, count, tokens: said };
  });
  const cost = ({ count, tokens }: SplitWord) => count * (tokens.length - 1);
  return {
    vocabSize: tokenizer.vocabSize,
    tokens: ids.length,
    bytesPerToken: new TextEncoder().encode(text).length / ids.length,
    tokensPerWord: ids.length / words,
    wholeWords: whole / words,
    unknown: ids.reduce((n, id) => n + (id === unkId ? 1 : 0), 0) / ids.length,
    used: new Set(ids).size / tokenizer.vocabSize,
    mostSplit: split.sort((a, b) => cost(b) - cost(a)).slice(0, mostSplit),
  };
}

/** Bytes a token against vocabulary size: for byte-pair encoding with its first merges alone, for others as they are. */
export function compressionCurve(tokenizer: Tokenizer, text: string): [vocabSize: number, bytesPerToken: number][] {
  const bytes = new TextEncoder().encode(text).length;
  const last: [number, number] = [tokenizer.vocabSize, bytes / tokenizer.encodeIds(text).length];
  const json = tokenizer.toJson();
  const merges = isObject(json.model) ? (json.model as { merges?: unknown }).merges : undefined;
  if (!Array.isArray(merges)) return [last];
  const points: [number, number][] = [];
  for (let kept = merges.length / 2; kept >= 8; kept /= 2) {
    const count = Math.floor(kept);
    const model = { ...(json.model as object), merges: merges.slice(0, count), ignore_merges: false };
    const ids = fromJson({ ...json, model }).encodeIds(text);
    points.push([tokenizer.vocabSize - merges.length + count, bytes / ids.length]);
  }
  return [...points.reverse(), last];
}
