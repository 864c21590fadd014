/**
 * All ways to cut a word into pieces, as a lattice: an arc for every piece that stands in it, from where it begins to
 * where it ends. Sums over all paths go forward and backward (Baum 1970), the best path is Viterbi's (1967).
 */
import type { Trie } from "../models/unigram.ts";

const UNKNOWN = -1;

/** @param scores of the trie's pieces, logarithms of probabilities; NaN: not a piece any more. */
export function lattice(trie: Trie, scores: Float64Array) {
  const unknownScore = scores.reduce((least, s) => (s < least ? s : least), Number.POSITIVE_INFINITY) - 10;
  let [starts, ends, ids] = [new Int32Array(256), new Int32Array(256), new Int32Array(256)];
  let arcs = 0;

  function add(start: number, end: number, id: number): void {
    if (arcs === ids.length) [starts, ends, ids] = [longer(starts), longer(ends), longer(ids)];
    starts[arcs] = start;
    ends[arcs] = end;
    ids[arcs++] = id;
  }
  /** The arcs of a word by where they begin; a character that is no piece is an unknown one. */
  function build(word: string): void {
    arcs = 0;
    for (let start = 0; start < word.length; ) {
      const next = start + ((word.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      let single = false;
      let node = 0;
      for (let end = start; end < word.length; ) {
        node = trie.child(node, word.charCodeAt(end++));
        if (node < 0) break;
        const id = trie.idAt(node);
        if (id < 0 || Number.isNaN(scores[id]!)) continue;
        add(start, end, id);
        if (end === next) single = true;
      }
      if (!single) add(start, next, UNKNOWN);
      start = next;
    }
  }
  const scoreOf = (arc: number) => (ids[arc]! < 0 ? unknownScore : scores[ids[arc]!]!);

  /** The pieces of the best path; with `without`, of the best one that has no arc as long as the word. */
  function search(length: number, without = false): number[] | undefined {
    const best = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
    const last = new Int32Array(length + 1).fill(-1);
    best[0] = 0;
    for (let arc = 0; arc < arcs; arc++) {
      const [start, end] = [starts[arc]!, ends[arc]!];
      if (without && end - start === length) continue;
      const score = best[start]! + scoreOf(arc);
      if (score <= best[end]!) continue;
      best[end] = score;
      last[end] = arc;
    }
    if (last[length]! < 0) return undefined;
    const path: number[] = [];
    for (let end = length; end > 0; end = starts[last[end]!]!) path.push(ids[last[end]!]!);
    return path.reverse();
  }

  return {
    /** Adds to each piece how often it is expected in a word that occurs `count` times. */
    marginals(word: string, count: number, expected: Float64Array): void {
      build(word);
      const forward = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY);
      const backward = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY);
      forward[0] = backward[word.length] = 0;
      for (let arc = 0; arc < arcs; arc++)
        forward[ends[arc]!] = logAdd(forward[ends[arc]!]!, forward[starts[arc]!]! + scoreOf(arc));
      const total = forward[word.length]!;
      for (let arc = arcs - 1; arc >= 0; arc--) {
        const after = backward[ends[arc]!]! + scoreOf(arc);
        backward[starts[arc]!] = logAdd(backward[starts[arc]!]!, after);
        if (ids[arc]! >= 0) expected[ids[arc]!]! += count * Math.exp(forward[starts[arc]!]! + after - total);
      }
    },
    /** The likeliest pieces of a word. */
    best(word: string): readonly number[] {
      build(word);
      return search(word.length) ?? [];
    },
    /** What a piece is without itself: the likeliest parts, none if there are none; "split" if they are likelier than it. */
    secondBest(piece: string): readonly number[] | "split" {
      build(piece);
      if (search(piece.length)?.length !== 1) return "split";
      return search(piece.length, true) ?? [];
    },
  };
}

/** log(eˣ + eʸ). */
function logAdd(x: number, y: number): number {
  const [less, more] = x < y ? [x, y] : [y, x];
  return less === Number.NEGATIVE_INFINITY ? more : more + Math.log1p(Math.exp(less - more));
}

function longer(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(2 * array.length);
  twice.set(array);
  return twice;
}
