/**
 * The pieces that Unigram's training begins with: every substring that occurs twice and is followed by different
 * characters, the longest and most frequent first. They are the branches of the words' suffix tree, found by sorting all
 * suffixes (Kudo 2018, arXiv:1804.10959, section 3.2; the same as Rust's `UnigramTrainer` 0.23 finds).
 */
import { byCodePoint } from "../vocabulary.ts";

export interface Seed {
  readonly piece: string;
  /** Times it occurs times its length. */
  readonly score: number;
}

export interface SeedOptions {
  /** In characters. */
  maxPieceLength: number;
  /** At most so many, characters among them. */
  seedSize: number;
}

const END = 0; // between words: no piece holds it

/** Characters by how often they occur in the text; then longer substrings by score, which counts different words once. */
export function seedPieces(counts: ReadonlyMap<string, number>, { maxPieceLength, seedSize }: SeedOptions): Seed[] {
  const characters = new Map<string, number>();
  const codes: number[] = [];
  for (const [word, count] of counts) {
    for (const character of word) {
      codes.push(character.codePointAt(0)!);
      if (character !== "\0") characters.set(character, (characters.get(character) ?? 0) + count);
    }
    codes.push(END);
  }
  const text = Int32Array.from(codes);
  const found: Seed[] = [];
  repeats(text, maxPieceLength, (at, length, count) => {
    const piece = String.fromCodePoint(...text.subarray(at, at + length));
    found.push({ piece, score: count * length });
  });
  const first = (a: Seed, b: Seed) => b.score - a.score || byCodePoint(b.piece, a.piece);
  const single = [...characters].map(([piece, score]): Seed => ({ piece, score }));
  return [...single.sort(first), ...found.sort(first)].slice(0, Math.max(seedSize, single.length));
}

/** Visits the branches of two to `longest` characters: where they stand, their length, and how often they occur. */
function repeats(text: Int32Array, longest: number, visit: (at: number, length: number, count: number) => void): void {
  const suffixes = Int32Array.from(text.keys()).filter((at) => text[at] !== END);
  sortSuffixes(text, suffixes, longest + 1);
  // suffixes in a row that share `length` characters; each begins within the one before it on the stack
  const open: { length: number; from: number }[] = [{ length: 0, from: 0 }];
  for (let i = 1; i <= suffixes.length; i++) {
    const length = i < suffixes.length ? shared(text, suffixes[i - 1]!, suffixes[i]!, longest + 1) : 0;
    let from = i - 1;
    for (let top = open.at(-1)!; top.length > length; top = open.at(-1)!) {
      open.pop();
      from = top.from;
      if (top.length >= 2 && top.length <= longest) visit(suffixes[from]!, top.length, i - from);
    }
    if (open.at(-1)!.length < length) open.push({ length, from });
  }
}

/** How many characters two suffixes share, at most `most`; as many for two that end their words alike: no piece goes on. */
function shared(text: Int32Array, a: number, b: number, most: number): number {
  for (let i = 0; i < most; i++) {
    if (text[a + i] !== text[b + i]) return i;
    if (text[a + i] === END) return most;
  }
  return most;
}

/** Sorts places in a text by the `depth` characters that follow, or as many as their word has (Bentley and Sedgewick 1997). */
function sortSuffixes(text: Int32Array, suffixes: Int32Array, depth: number): void {
  const swap = (i: number, j: number) => {
    const kept = suffixes[i]!;
    suffixes[i] = suffixes[j]!;
    suffixes[j] = kept;
  };
  const waiting: [from: number, to: number, at: number][] = [[0, suffixes.length, 0]];
  for (let range = waiting.pop(); range; range = waiting.pop()) {
    const [from, to, at] = range;
    if (to - from < 2 || at === depth) continue;
    const pivot = text[suffixes[(from + to) >> 1]! + at]!;
    let [less, more] = [from, to]; // [from, less) are less than the pivot, [more, to) greater
    for (let i = from; i < more; ) {
      const code = text[suffixes[i]! + at]!;
      if (code < pivot) swap(i++, less++);
      else if (code > pivot) swap(i, --more);
      else i++;
    }
    waiting.push([from, less, at], [more, to, at]);
    if (pivot !== END) waiting.push([less, more, at + 1]);
  }
}
