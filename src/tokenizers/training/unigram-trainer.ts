/**
 * Learns Unigram's tokens and their probabilities: it begins with far too many, finds by expectation maximization how
 * often each is used, drops those that the text would miss least, and so on until few enough are left (Kudo 2018,
 * arXiv:1804.10959, section 3.2). As Rust's `UnigramTrainer` 0.23 does it, step by step, but in a fixed order.
 */
import { type Trie, trieOf } from "../models/unigram.ts";
import { byCodePoint } from "../vocabulary.ts";
import { lattice } from "./unigram-lattice.ts";
import { seedPieces } from "./unigram-seeds.ts";

export interface UnigramTraining {
  /** How many tokens, special ones included. */
  vocabSize: number;
  /** They get the first ids, with the score 0. */
  specialTokens?: readonly string[];
  /** Characters that are tokens even if the text lacks them. */
  initialAlphabet?: readonly string[];
  /** In characters (default 16). */
  maxPieceLength?: number;
  /** How many pieces it begins with (default 1,000,000). */
  seedSize?: number;
  /** Which part of the pieces stays in each round (default 0.75). */
  shrinkingFactor?: number;
  /** Expectation and maximization so often in each round (default 2). */
  subIterations?: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** @param counts how often each word occurs. Throws if the alphabet alone is larger than the vocabulary. */
export function trainUnigram(counts: ReadonlyMap<string, number>, options: UnigramTraining): [string, number][] {
  const { vocabSize, specialTokens = [], maxPieceLength = 16, seedSize = 1_000_000, signal } = options;
  const { shrinkingFactor = 0.75, subIterations = 2, onProgress } = options;
  const alphabet = alphabetOf(counts, options);
  if (alphabet.length + specialTokens.length > vocabSize)
    throw new RangeError(
      `trainUnigram: vocabSize is ${vocabSize}, but there are ${specialTokens.length} special tokens and ${alphabet.length} characters; raise it`,
    );
  const seeds = seedPieces(counts, { maxPieceLength, seedSize });
  const pieces = seeds.map(({ piece }) => piece);
  const total = Math.log(seeds.reduce((sum, { score }) => sum + score, 0));
  const scores = Float64Array.from(seeds, ({ score }) => Math.log(score) - total);
  const trie = trieOf(new Map(pieces.map((piece, id) => [piece, id])));

  let kept: readonly number[] = [...pieces.keys()]; // pieces by their number among the seeds, in order of importance
  const wanted = Math.floor((vocabSize * 11) / 10); // a tenth more, because finishing leaves some out
  const rounds = Math.max(0, Math.ceil(Math.log(wanted / kept.length) / Math.log(shrinkingFactor))) + 1;
  for (let round = 0; ; round++) {
    for (let i = 0; i < subIterations; i++) {
      signal?.throwIfAborted();
      onProgress?.(Math.min(round * subIterations + i, rounds * subIterations), rounds * subIterations);
      kept = maximize(expectation(counts, trie, scores), kept, scores);
    }
    if (kept.length + 1 <= wanted) break; // the unknown piece is one too
    const size = Math.max(wanted, Math.floor((kept.length + 1) * shrinkingFactor));
    kept = prune(counts, { pieces, trie, scores, kept }, size);
  }
  const learned = kept.map((id): [string, number] => [pieces[id]!, scores[id]!]);
  return finish(learned, alphabet, vocabSize, specialTokens);
}

function alphabetOf(counts: ReadonlyMap<string, number>, { initialAlphabet = [] }: UnigramTraining): string[] {
  const found = new Set(initialAlphabet);
  for (const word of counts.keys()) for (const character of word) found.add(character);
  return [...found].sort(byCodePoint);
}

/** How often each piece is used, over all ways to cut each word, each as often as it is likely. */
function expectation(counts: ReadonlyMap<string, number>, trie: Trie, scores: Float64Array): Float64Array {
  const expected = new Float64Array(scores.length);
  const { marginals } = lattice(trie, scores);
  for (const [word, count] of counts) marginals(word, count, expected);
  return expected;
}

/**
 * New scores in place; pieces used less than half a time go. The digamma function makes rare pieces rarer still (a sparse
 * prior: P. Liang and D. Klein 2007, "Structured Bayesian nonparametric models with variational inference").
 */
function maximize(expected: Float64Array, kept: readonly number[], scores: Float64Array): number[] {
  const left = kept.filter((id) => expected[id]! >= 0.5);
  const sum = left.reduce((sum, id) => sum + expected[id]!, 0);
  scores.fill(Number.NaN);
  for (const id of left) scores[id] = digamma(expected[id]!) - digamma(sum);
  return left;
}

interface Learned {
  readonly pieces: readonly string[];
  readonly trie: Trie;
  /** NaN: not a piece any more. */
  readonly scores: Float64Array;
  readonly kept: readonly number[];
}

/**
 * The pieces without which the text would lose most, `size` of them with the unknown one. A piece that goes is replaced
 * by the next best way to write it; what that costs is estimated from how often both are used in the likeliest cuts.
 */
function prune(counts: ReadonlyMap<string, number>, { pieces, trie, scores, kept }: Learned, size: number): number[] {
  const { best, secondBest } = lattice(trie, scores);
  const used = new Float64Array(scores.length + 1); // the last one: the unknown piece, which has the number -1
  const at = (id: number) => (id < 0 ? scores.length : id);
  let [words, sum] = [0, 0];
  for (const [word, count] of counts) {
    words += count;
    for (const id of best(word)) {
      used[at(id)]! += count;
      sum += count;
    }
  }
  const left: number[] = [];
  const candidates: [id: number, loss: number][] = [];
  for (const id of kept) {
    const count = used[id]!;
    const others = secondBest(pieces[id]!);
    if (others === "split") {
      if (count > 0) left.push(id); // better in parts than whole, yet used
    } else if (others.length === 0) left.push(id);
    else if (count > 0) {
      const after = Math.log(sum + count * kept.length); // the paper: others.length - 1; SentencePiece and Rust count so
      const replaced = others.reduce((score, other) => score + Math.log(used[at(other)]! + count) - after, 0);
      candidates.push([id, (count / words) * (Math.log(count) - Math.log(sum) - replaced)]);
    }
  }
  candidates.sort(([, a], [, b]) => b - a);
  return [...left, ...candidates.slice(0, Math.max(0, size - 1 - left.length)).map(([id]) => id)];
}

/** Special tokens; then all characters, and pieces while there is room, by score. */
function finish(
  learned: readonly (readonly [string, number])[],
  alphabet: readonly string[],
  vocabSize: number,
  specialTokens: readonly string[],
): [string, number][] {
  const scores = new Map(learned);
  const least = learned.reduce((least, [, score]) => Math.min(least, score), Number.POSITIVE_INFINITY);
  let unseen = 0;
  const vocab = new Map(
    alphabet.map((character) => [character, scores.get(character) ?? least + 0.0001 * unseen++] as const),
  );
  for (const [piece, score] of learned) {
    if (vocab.size >= vocabSize - specialTokens.length) break;
    vocab.set(piece, score);
  }
  for (const token of specialTokens) vocab.delete(token);
  return [...specialTokens.map((token): [string, number] => [token, 0]), ...[...vocab].sort(([, a], [, b]) => b - a)];
}

/** The derivative of the logarithm of the gamma function (J. M. Bernardo 1976, algorithm AS 103). */
function digamma(x: number): number {
  let below = 0;
  for (; x < 7; x++) below += 1 / x;
  const y = 1 / (x - 0.5);
  const y2 = y * y;
  return Math.log(x - 0.5) + y2 / 24 - (7 / 960) * y2 ** 2 + (31 / 8064) * y2 ** 3 - (127 / 30720) * y2 ** 4 - below;
}
