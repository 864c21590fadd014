/** A table from two numbers to one: open addressing in typed arrays, several times as fast as a Map of joined keys. */
export interface PairTable {
  /** The value of a pair; -1 if it has none. */
  get(a: number, b: number): number;
  /** Throws when there are more pairs than the table was made for. */
  set(a: number, b: number, value: number): void;
}

/** @param capacity how many pairs it may come to hold; values are not negative. */
export function pairTable(capacity: number): PairTable {
  const size = 2 ** Math.max(4, Math.ceil(Math.log2(2 * capacity + 1)));
  const mask = size - 1;
  const firsts = new Int32Array(size);
  const seconds = new Int32Array(size);
  const values = new Int32Array(size).fill(-1);
  let count = 0;

  function slotOf(a: number, b: number): number {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (values[slot]! >= 0 && (firsts[slot] !== a || seconds[slot] !== b)) slot = (slot + 1) & mask;
    return slot;
  }
  return {
    get: (a, b) => values[slotOf(a, b)]!,
    set(a, b, value) {
      const slot = slotOf(a, b);
      if (values[slot]! < 0 && ++count > capacity) throw new RangeError(`pairTable: more than ${capacity} pairs`);
      firsts[slot] = a;
      seconds[slot] = b;
      values[slot] = value;
    },
  };
}
