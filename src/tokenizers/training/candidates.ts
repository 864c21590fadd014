/** Pairs that wait to be merged, the most frequent first, those with lower ids where several are equally frequent. */
export interface Candidate {
  a: number;
  b: number;
  /** The pair's number. */
  pair: number;
  count: number;
  /** The words in which it came up. */
  words: number[];
}

const before = (x: Candidate, y: Candidate) => (y.count - x.count || x.a - y.a || x.b - y.b) < 0;

export function candidateHeap() {
  const items: Candidate[] = [];
  return {
    push(item: Candidate): void {
      let i = items.length;
      items.push(item);
      while (i > 0) {
        const parent = (i - 1) >> 1;
        if (!before(item, items[parent]!)) break;
        items[i] = items[parent]!;
        i = parent;
      }
      items[i] = item;
    },
    pop(): Candidate | undefined {
      const first = items[0];
      const last = items.pop();
      if (!last || items.length === 0) return first;
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= items.length) break;
        if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
        if (!before(items[child]!, last)) break;
        items[i] = items[child]!;
        i = child;
      }
      items[i] = last;
      return first;
    },
  };
}
