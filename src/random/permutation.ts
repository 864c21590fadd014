/** Orders by chance: a whole permutation as an array, or one element of it at a time without any memory. */
import { bits, fold } from "../random.ts";

/** The numbers 0 … n - 1 (n up to 2^32) in a random order, every order equally likely as far as 32-bit keys reach. */
export function permutation(n: number, key: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  let draws = 0;
  // Fisher and Yates, as Durstenfeld 1964 (CACM algorithm 235)
  for (let choices = n; choices > 1; choices--) {
    const fair = 2 ** 32 - (2 ** 32 % choices); // a multiple of choices, so that no remainder is favoured
    let draw = bits(key, draws++);
    while (draw >= fair) draw = bits(key, draws++);
    const kept = order[choices - 1]!;
    order[choices - 1] = order[draw % choices]!;
    order[draw % choices] = kept;
  }
  return order;
}

const ROUNDS = 6;
/** Few values leave a network too few orders to choose from: a small n walks among at least 16 x 16. */
const SMALLEST_HALF = 16;

/**
 * Where index i stands in a random order of 0 … n - 1: a bijection of [0, n) for each key, n up to 2^53, in constant
 * time and memory. A Feistel network (Luby and Rackoff 1988) over 4^w ≥ n values, of which those outside [0, n)
 * are sent through again until they fall inside (cycle walking: Black and Rogaway 2002, "Ciphers with arbitrary finite
 * domains"). Throws for an index outside [0, n).
 */
export function permute(i: number, n: number, key: number): number {
  if (!(i >= 0 && i < n)) throw new RangeError(`permute: index ${i} is not in 0 … ${n - 1}`);
  let half = SMALLEST_HALF;
  while (half * half < n) half *= 2;
  do i = feistel(i, half, key);
  while (i >= n);
  return i;
}

function feistel(i: number, half: number, key: number): number {
  let left = Math.floor(i / half);
  let right = i % half;
  for (let round = 0; round < ROUNDS; round++) {
    const mixed = (left ^ (fold(fold(key, round), right) & (half - 1))) >>> 0;
    left = right;
    right = mixed;
  }
  return left * half + right;
}
