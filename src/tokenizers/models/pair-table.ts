/** A table from two numbers to one: open addressing in typed arrays, several times as fast as a Map of joined keys. */
export interface PairTable {
  /** The value of a pair; -1 if it has none. */
  get(a: number, b: number): number;
  set(a: number, b: number, value: number): void;
}

/** @param expected how many pairs it will hold; it grows where there are more. Values are not negative. */
export function pairTable(expected = 0): PairTable {
  const room = 2 ** Math.max(4, Math.ceil(Math.log2(2 * expected + 1)));
  let firsts = new Int32Array(room);
  let seconds = new Int32Array(room);
  let values = new Int32Array(room).fill(-1);
  let count = 0;

  function slotOf(a: number, b: number): number {
    const mask = values.length - 1;
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    while (values[slot]! >= 0 && (firsts[slot] !== a || seconds[slot] !== b)) slot = (slot + 1) & mask;
    return slot;
  }
  function put(a: number, b: number, value: number): void {
    const slot = slotOf(a, b);
    if (values[slot]! < 0) count++;
    firsts[slot] = a;
    seconds[slot] = b;
    values[slot] = value;
  }
  function grow(): void {
    const before = { firsts, seconds, values };
    const size = 2 * values.length;
    [firsts, seconds, values] = [new Int32Array(size), new Int32Array(size), new Int32Array(size).fill(-1)];
    count = 0;
    for (let i = 0; i < before.values.length; i++)
      if (before.values[i]! >= 0) put(before.firsts[i]!, before.seconds[i]!, before.values[i]!);
  }
  return {
    get: (a, b) => values[slotOf(a, b)]!,
    set(a, b, value) {
      if (2 * (count + 1) > values.length) grow();
      put(a, b, value);
    },
  };
}
