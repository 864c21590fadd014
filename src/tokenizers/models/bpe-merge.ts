/**
 * The heart of byte-pair encoding: of all neighbours that some merge joins, join those whose merge was learned first,
 * the leftmost where there are several, until none is left (Sennrich et al. 2016, arXiv:1508.07909, algorithm 1).
 */
import type { PairTable } from "./pair-table.ts";

/** The symbols of a piece: their ids, and how many bytes of text each stands for. */
export interface Symbols {
  ids: Int32Array;
  lengths: Int32Array;
  count: number;
}

/** Merges by rank: `ranks` gives a pair's, `results[rank]` the symbol it becomes. */
export interface Merges {
  readonly ranks: PairTable;
  readonly results: Int32Array;
}

const none = 0x7fffffff;

/** The definition, quadratic in the number of symbols: fastest for words. */
export function mergeShort(symbols: Symbols, { ranks, results }: Merges): void {
  const { ids, lengths } = symbols;
  let n = symbols.count;
  const rank: number[] = [];
  const rankAt = (i: number) => {
    const found = i >= 0 && i + 1 < n ? ranks.get(ids[i]!, ids[i + 1]!) : -1;
    return found < 0 ? none : found;
  };
  for (let i = 0; i < n; i++) rank.push(rankAt(i));
  for (;;) {
    let best = none;
    let at = -1;
    for (let i = 0; i < n - 1; i++)
      if (rank[i]! < best) {
        best = rank[i]!;
        at = i;
      }
    if (at < 0) break;
    ids[at] = results[best]!;
    lengths[at]! += lengths[at + 1]!;
    n--;
    for (let i = at + 1; i < n; i++) {
      ids[i] = ids[i + 1]!;
      lengths[i] = lengths[i + 1]!;
      rank[i] = rank[i + 1]!;
    }
    rank[at] = rankAt(at);
    if (at > 0) rank[at - 1] = rankAt(at - 1);
  }
  symbols.count = n;
}

/** The same with a heap and a linked list, n log n: for pieces as long as a text. */
export function mergeLong(symbols: Symbols, { ranks, results }: Merges): void {
  const { ids, lengths, count } = symbols;
  const next = Int32Array.from({ length: count }, (_, i) => (i + 1 < count ? i + 1 : -1));
  const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
  const heap = minHeap();
  const consider = (i: number) => {
    const right = i < 0 ? -1 : next[i]!;
    const rank = right < 0 ? -1 : ranks.get(ids[i]!, ids[right]!);
    if (rank >= 0) heap.push(rank * 2 ** 31 + i); // by rank, then from left to right
  };
  for (let i = 0; i < count; i++) consider(i);
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const at = key % 2 ** 31;
    const rank = (key - at) / 2 ** 31;
    const right = next[at]!;
    if (lengths[at] === -1 || right < 0 || ranks.get(ids[at]!, ids[right]!) !== rank) continue; // no longer there
    ids[at] = results[rank]!;
    lengths[at]! += lengths[right]!;
    lengths[right] = -1;
    next[at] = next[right]!;
    if (next[at]! >= 0) previous[next[at]!] = at;
    consider(previous[at]!);
    consider(at);
  }
  let n = 0;
  for (let i = 0; i >= 0 && i < count; i = next[i]!) {
    ids[n] = ids[i]!;
    lengths[n++] = lengths[i]!;
  }
  symbols.count = n;
}

/** A binary heap of numbers: the smallest first. */
export function minHeap() {
  const items: number[] = [];
  return {
    push(item: number): void {
      let i = items.length;
      items.push(item);
      while (i > 0) {
        const parent = (i - 1) >> 1;
        if (items[parent]! <= item) break;
        items[i] = items[parent]!;
        i = parent;
      }
      items[i] = item;
    },
    pop(): number | undefined {
      const least = items[0];
      const last = items.pop();
      if (last === undefined || items.length === 0) return least;
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && items[child + 1]! < items[child]!) child++;
        if (items[child]! >= last) break;
        items[i] = items[child]!;
        i = child;
      }
      items[i] = last;
      return least;
    },
  };
}
