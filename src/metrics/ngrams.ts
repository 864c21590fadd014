/**
 * n-grams as small numbers: those of several sequences that are equal have the same one, so that counts are arrays and
 * matches their overlap. An n-gram is the (n - 1)-gram before it and one symbol more, so each order is numbered from
 * the last in one pass, and no n-gram is ever spelt out.
 */

/** How often each n-gram occurs: `counts[s][i]` is that of n-gram i in sequence s. */
export type NgramCounts = readonly Int32Array[];

/** The counts of orders 1 … `maxOrder` in each of the sequences; the n-grams of one order are numbered from 0. */
export function countNgrams(sequences: readonly (readonly string[])[], maxOrder: number): NgramCounts[] {
  const numbers = new Map<string, number>();
  const symbols = sequences.map((sequence) => sequence.map((symbol) => numberOf(numbers, symbol)));
  const alphabet = numbers.size;
  const orders: NgramCounts[] = [];
  let shorter = symbols.map((sequence) => Int32Array.from(sequence));
  let distinct = alphabet;
  for (let n = 1; ; n++) {
    orders.push(shorter.map((grams) => count(grams, distinct)));
    if (n === maxOrder) return orders;
    const known = new Map<number, number>();
    shorter = shorter.map((grams, s) => {
      const longer = new Int32Array(Math.max(0, grams.length - 1));
      for (let i = 0; i < longer.length; i++) longer[i] = numberOf(known, grams[i]! * alphabet + symbols[s]![i + n]!);
      return longer;
    });
    distinct = known.size;
  }
}

/** The number of n-grams that two sequences share, each as often as it is in both. */
export function overlap(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  for (let i = 0; i < a.length; i++) shared += Math.min(a[i]!, b[i]!);
  return shared;
}

function numberOf<Key>(known: Map<Key, number>, key: Key): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  known.set(key, known.size);
  return known.size - 1;
}

function count(grams: Int32Array, distinct: number): Int32Array {
  const counts = new Int32Array(distinct);
  for (const gram of grams) counts[gram]!++;
  return counts;
}
