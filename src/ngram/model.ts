/**
 * n-gram models: the next token's probability from the n − 1 before it (Shannon 1948), smoothed by adding k, or by
 * interpolated Kneser-Ney (Kneser & Ney 1995; Chen & Goodman 1998, "An Empirical Study of Smoothing Techniques for Language
 * Modeling", eq. 2.35 with the discounts n₁ / (n₁ + 2 n₂) of each order).
 */
import { type Counts, countTokens, forEachToken, type Tokens } from "./counts.ts";

export interface NgramOptions {
  /** n: how many tokens a row has, the next one counted. */
  readonly order?: number;
  readonly smoothing?: Smoothing;
  /** Of add-k: what every count is raised by. */
  readonly k?: number;
}
export const smoothings = ["kneser-ney", "add-k"] as const;
export type Smoothing = (typeof smoothings)[number];

export interface Ngram extends Required<NgramOptions> {
  readonly counts: Counts;
  /** Of the next token behind the last tokens of a text: log-probabilities, which sum to 1. [V] */
  next(behind: readonly number[]): Float64Array;
  /** The mean of −log p(token | those before it) over a text, in nats a token. Throws a RangeError for an empty one. */
  loss(text: Tokens): number;
}

/** Throws a RangeError for an impossible order or k, an empty text, and an id outside the vocabulary. */
export function ngram(text: Tokens, { order = 5, ...options }: NgramOptions & { readonly vocabulary: number }): Ngram {
  return ngramOf(countTokens(text, { order, vocabulary: options.vocabulary }), options);
}

/** A model of counts that were made before. */
export function ngramOf(
  counts: Counts,
  { smoothing = "kneser-ney", k = 0.1 }: Omit<NgramOptions, "order"> = {},
): Ngram {
  if (!smoothings.includes(smoothing))
    throw new RangeError(`ngram: there is no smoothing "${smoothing}"; there are ${smoothings.join(", ")}`);
  if (!(k > 0 && k < Infinity)) throw new RangeError(`ngram: k is ${k}, but must be a number > 0`);
  const { order, vocabulary } = counts;
  const probability = smoothing === "add-k" ? addK(counts, k) : kneserNey(counts);
  return {
    ...{ order, smoothing, k, counts },
    next(behind) {
      const walk = walker(counts);
      for (const token of behind.slice(1 - order || behind.length)) walk.push(token);
      return Float64Array.from({ length: vocabulary }, (_, token) => Math.log(probability(walk.contexts, token)));
    },
    loss(text) {
      if (text.length === 0) throw new RangeError("ngram: the text has no tokens to score");
      const walk = walker(counts);
      let total = 0;
      forEachToken(text, vocabulary, (token) => {
        total -= Math.log(probability(walk.contexts, token));
        walk.push(token);
      });
      return total / text.length;
    },
  };
}

/** The loss of this model and of each shorter one, from order 1 on: what they count are its own rows' first tokens. */
export const lossesByOrder = ({ counts, smoothing, k }: Ngram, text: Tokens): number[] =>
  Array.from({ length: counts.order }, (_, i) => ngramOf({ ...counts, order: i + 1 }, { smoothing, k }).loss(text));

/** The nodes of the last 0, 1, … order − 1 tokens; −1: that row was never seen. */
type Contexts = Int32Array;
type Probability = (contexts: Contexts, token: number) => number;

function walker({ order, trie }: Counts) {
  const contexts = new Int32Array(order).fill(-1);
  contexts[0] = 0;
  return {
    contexts,
    push(token: number) {
      for (let n = order - 1; n > 0; n--)
        contexts[n] = contexts[n - 1] === -1 ? -1 : trie.child(contexts[n - 1]!, token);
    },
  };
}

/** (c + k) / (total + k V), from the longest context alone. */
function addK({ order, vocabulary, trie, counts }: Counts, k: number): Probability {
  const totals = sumsOfChildren(trie, counts);
  return (contexts, token) => {
    const context = contexts[order - 1]!;
    if (context === -1) return 1 / vocabulary;
    const node = trie.child(context, token);
    return ((node === -1 ? 0 : counts[node]!) + k) / (totals[context]! + k * vocabulary);
  };
}

/**
 * (max(c − D, 0) + D N₁₊(context •) p(token | the context without its first token)) / Σ c, from no context on, where every
 * token is as likely, to the longest. Counts are how often for the longest rows, and behind how many others for shorter ones.
 */
function kneserNey({ order, vocabulary, trie, counts, continuations }: Counts): Probability {
  const depth = depthsOf(trie);
  const used = counts.map((count, node) => (depth[node] === order ? count : continuations[node]!));
  const totals = sumsOfChildren(trie, used);
  const kinds = sumsOfChildren(
    trie,
    used.map((count) => Number(count > 0)),
  );
  const discounts = discountsOf(order, depth, used);
  return (contexts, token) => {
    let p = 1 / vocabulary;
    for (let n = 0; n < order; n++) {
      const context = contexts[n]!;
      if (context === -1) break;
      const total = totals[context]!;
      if (total === 0) continue; // it stands before nothing, or only where the text begins
      const node = trie.child(context, token);
      const discount = discounts[n + 1]!;
      const count = node === -1 ? 0 : used[node]!;
      p = (Math.max(count - discount, 0) + discount * kinds[context]! * p) / total;
    }
    return p;
  };
}

function depthsOf({ size, parent }: Counts["trie"]): Uint8Array {
  const depth = new Uint8Array(size);
  for (let node = 1; node < size; node++) depth[node] = depth[parent(node)]! + 1; // parents come first
  return depth;
}

function sumsOfChildren({ size, parent }: Counts["trie"], values: Float64Array): Float64Array {
  const sums = new Float64Array(size);
  for (let node = 1; node < size; node++) sums[parent(node)]! += values[node]!;
  return sums;
}

/** n₁ / (n₁ + 2 n₂) by length of row: what is held back for rows that were not seen; ½ where none was seen once. */
function discountsOf(order: number, depth: Uint8Array, used: Float64Array): Float64Array {
  const [once, twice] = [new Float64Array(order + 1), new Float64Array(order + 1)];
  for (let node = 1; node < used.length; node++) {
    if (used[node] === 1) once[depth[node]!]!++;
    if (used[node] === 2) twice[depth[node]!]!++;
  }
  return once.map((n1, length) => (n1 === 0 ? 0.5 : n1 / (n1 + 2 * twice[length]!)));
}
