/** Numbers pairs of ids in the order in which they are met; grows with them. */
export function growingPairs() {
  const firsts: number[] = [];
  const seconds: number[] = [];
  let slots = new Int32Array(1 << 12).fill(-1);

  function slotOf(a: number, b: number): number {
    const mask = slots.length - 1;
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (let pair = slots[slot]!; pair >= 0 && (firsts[pair] !== a || seconds[pair] !== b); pair = slots[slot]!)
      slot = (slot + 1) & mask;
    return slot;
  }
  function grow(): void {
    slots = new Int32Array(2 * slots.length).fill(-1);
    for (let pair = 0; pair < firsts.length; pair++) slots[slotOf(firsts[pair]!, seconds[pair]!)] = pair;
  }
  return {
    indexOf(a: number, b: number): number {
      const slot = slotOf(a, b);
      const known = slots[slot]!;
      if (known >= 0) return known;
      const pair = firsts.push(a) - 1;
      seconds.push(b);
      slots[slot] = pair;
      if (2 * firsts.length > slots.length) grow();
      return pair;
    },
    at: (pair: number) => ({ a: firsts[pair]!, b: seconds[pair]! }),
  };
}
