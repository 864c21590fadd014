/** How often each row of up to n tokens stands in a text, and how many different tokens stand before and behind it. */
import { createTrie, type Trie } from "./trie.ts";

export interface Counts {
  readonly order: number;
  readonly vocabulary: number;
  /** A row of tokens is a path from the root. */
  readonly trie: Trie;
  /** By node: how often its row stands in the text. */
  readonly counts: Float64Array;
  /** By node: how many different tokens stand before its row; "N₁₊(• row)" of Chen & Goodman. */
  readonly continuations: Float64Array;
}

/** Ids a piece at a time: a row of them, or a token source. */
export interface Tokens {
  readonly length: number;
  slice(begin: number, end: number): ArrayLike<number>;
}

const PIECE = 2 ** 16; // ids held at a time

/** Throws a RangeError for an order below 1, an empty text, and an id outside the vocabulary. */
export function countTokens(text: Tokens, { order, vocabulary }: Pick<Counts, "order" | "vocabulary">): Counts {
  if (!(Number.isSafeInteger(order) && order >= 1 && order <= MOST))
    throw new RangeError(`ngram: the order is ${order}, but must be a whole number from 1 to ${MOST}`);
  if (text.length === 0) throw new RangeError("ngram: the text has no tokens to count");
  const trie = createTrie();
  let counts = new Float64Array(2 ** 16);
  const behind = new Int32Array(order).fill(-1); // the nodes of the last 0, 1, … order − 1 tokens; −1: there are not as many
  behind[0] = 0;
  forEachToken(text, vocabulary, (token) => {
    for (let n = order - 1; n >= 0; n--) {
      // the longest first: each context is read before the shorter one becomes it
      if (behind[n] === -1) continue;
      const node = trie.grow(behind[n]!, token);
      if (node >= counts.length) counts = larger(counts);
      counts[node]!++;
      if (n + 1 < order) behind[n + 1] = node;
    }
  });
  return { order, vocabulary, trie, counts: counts.slice(0, trie.size), continuations: continuationsOf(trie) };
}

const MOST = 64;

export function forEachToken(text: Tokens, vocabulary: number, visit: (token: number) => void): void {
  for (let begin = 0; begin < text.length; begin += PIECE) {
    const piece = text.slice(begin, Math.min(begin + PIECE, text.length));
    for (let i = 0; i < piece.length; i++) {
      const token = piece[i]!;
      if (!(token >= 0 && token < vocabulary))
        throw new RangeError(`ngram: id ${token} is outside a vocabulary of ${vocabulary}`);
      visit(token);
    }
  }
}

/** Each row adds one to what it is without its first token: that is a row of the text, too. */
export function continuationsOf(trie: Trie): Float64Array {
  const found = new Float64Array(trie.size);
  const shorter = new Int32Array(trie.size).fill(-1); // the node without the first token; of a single token, the root
  for (let node = 1; node < trie.size; node++) {
    const parent = trie.parent(node);
    shorter[node] = parent === 0 ? 0 : trie.child(shorter[parent]!, trie.token(node));
    if (shorter[node]! > 0) found[shorter[node]!]!++;
  }
  return found;
}

const larger = (old: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
  const array = new Float64Array(2 * old.length);
  array.set(old);
  return array;
};
