/**
 * The integers that NumPy's `default_rng(seed).integers(n)` draws, so that a bootstrap takes the samples that the
 * reference takes: PCG64 (O'Neill 2014, "PCG: a family of simple fast space-efficient statistically good algorithms for
 * random number generation"; XSL-RR 128/64), seeded through NumPy's SeedSequence, cut to a range as Lemire 2019 does.
 */

const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/**
 * A function that draws the next integer of [0, n). Throws for an n that is not a whole number from 1 to 2^21, so that
 * products are exact, and for a seed that is not one from 0 to 2^53 - 1.
 */
export function numpyIntegers(seed: number, n: number): () => number {
  if (!(Number.isInteger(n) && n >= 1 && n <= 2 ** 21))
    throw new RangeError(`numpyIntegers: n is ${n}, but must be a whole number from 1 to ${2 ** 21}`);
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw new RangeError(`numpyIntegers: the seed is ${seed}, but must be a whole number from 0 to 2^53 - 1`);
  const [high, low, streamHigh, streamLow] = seedWords(seed) as [bigint, bigint, bigint, bigint];
  const increment = (((streamHigh << 65n) | (streamLow << 1n)) & MASK_128) | 1n;
  const step = (state: bigint): bigint => (state * MULTIPLIER + increment) & MASK_128;
  let state = step((increment + ((high << 64n) | low)) & MASK_128);

  let spare: number | undefined; // the upper half of the last 64 bits
  function bits32(): number {
    if (spare !== undefined) {
      const half = spare;
      spare = undefined;
      return half;
    }
    state = step(state);
    const mixed = (state >> 64n) ^ (state & MASK_64);
    const turn = state >> 122n;
    const bits = ((mixed >> turn) | (mixed << (64n - turn))) & MASK_64;
    spare = Number(bits >> 32n);
    return Number(bits & 0xffffffffn);
  }

  const unfair = 2 ** 32 % n;
  return () => {
    if (n === 1) return 0; // without a draw
    for (;;) {
      const product = bits32() * n;
      if (product % 2 ** 32 >= unfair) return Math.floor(product / 2 ** 32);
    }
  };
}

/** Four 64-bit words of a SeedSequence; products and sums are those of uint32. */
function seedWords(seed: number): bigint[] {
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = [seed >>> 0, Math.floor(seed / 2 ** 32), 0, 0].map(hash);
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to]!, hash(pool[from]!));
  const draw = hasher(0x8b51f9dd, 0x58f38ded);
  const words = Array.from({ length: 8 }, (_, i) => BigInt(draw(pool[i % 4]!)));
  return [0, 2, 4, 6].map((i) => words[i]! | (words[i + 1]! << 32n));
}

function hasher(constant: number, multiplier: number): (value: number) => number {
  return (value) => {
    value ^= constant;
    constant = Math.imul(constant, multiplier);
    value = Math.imul(value, constant);
    return (value ^ (value >>> 16)) >>> 0;
  };
}

function mix(x: number, y: number): number {
  const mixed = (Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715)) | 0;
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
