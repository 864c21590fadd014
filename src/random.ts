/**
 * Chance without state: a random number is a hash of a key and an index, so it is the same in Node, in wasm and on a
 * GPU, in any order, and after a resume. Counter-based generation is Salmon et al. 2011 ("Parallel random numbers: as
 * easy as 1, 2, 3"); a Weyl sequence with a step of its own for each key, then a mixing function, is SplitMix
 * (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
 *
 *   hash32(x)     x ^= x >> 16;  x *= 0x7feb352d;  x ^= x >> 15;  x *= 0x846ca68b;  x ^= x >> 16
 *   fold(key, w)  hash32(key * 0x9e3779b1 + w)
 *   stream(key)   start = key + 0x9e3779b9,  step = 2 * hash32(start) + 1
 *   bits(key, i)  hash32(start + i * step)
 *
 * All in uint32 with wrap-around, so that the same formulas as ONNX nodes (BitShift, BitwiseXor, Mul, Add) give the
 * same bits: ten operations an element. Numbers are for training, not for secrets.
 */
import { normalQuantile } from "./random/normal-quantile.ts";

/**
 * A bijection of the 32-bit integers in which every input bit changes every output bit with probability near 1/2:
 * "lowbias32" of Chris Wellons, found by search (github.com/skeeto/hash-prospector). `hash32(0)` is 0.
 */
export function hash32(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A uint32 for a text (a layer's path): FNV-1a (Fowler, Noll, Vo) over its UTF-8 bytes, then `hash32`. */
export function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash32(hash);
}

/** A key's child by a uint32: different for each word under one key, and for each key under one word. */
export const fold = (key: number, word: number): number => hash32(Math.imul(key, 0x9e3779b1) + word);

/**
 * The key of a named stream: `keyOf(seed, "h.0.attn", step)`. A number is folded in as its low, then its high 32 bits,
 * a text as `hashString`; so `keyOf(seed, path) = fold(keyOf(seed), hashString(path))`, and order matters.
 * Throws for a number that is not an integer from 0 to 2^53 - 1.
 */
export function keyOf(seed: number, ...parts: readonly (number | string)[]): number {
  return [seed, ...parts].flatMap(words).reduce(fold, 0x9e3779b9);
}

function words(part: number | string): number[] {
  if (typeof part === "string") return [hashString(part)];
  if (!Number.isSafeInteger(part) || part < 0)
    throw new RangeError(`keyOf: ${part} is not an integer from 0 to 2^53 - 1; seeds and the numbers in keys must be`);
  return [part >>> 0, Math.floor(part / 2 ** 32)];
}

/** Where a key's Weyl sequence starts and how far it steps (odd, so that it visits all 2^32 values once). */
export function stream(key: number): { start: number; step: number } {
  const start = (key + 0x9e3779b9) >>> 0;
  return { start, step: (2 * hash32(start) + 1) >>> 0 };
}

/** 32 random bits: number `index` (below 2^32) of the key's stream. */
export function bits(key: number, index: number): number {
  const { start, step } = stream(key);
  return hash32(start + Math.imul(index, step));
}

/** Uniform in [0, 1): the upper 24 bits, exact in float32. */
export const uniform = (key: number, index: number): number => (bits(key, index) >>> 8) * 2 ** -24;

/** A uniform integer in [0, n), n up to 2^53, from two draws (2 index, 2 index + 1); its bias is at most n / 2^53. */
export const below = (n: number, key: number, index: number): number =>
  Math.floor(((bits(key, 2 * index) * 2 ** 21 + (bits(key, 2 * index + 1) >>> 11)) / 2 ** 53) * n);

/** Normal with mean 0 and standard deviation 1, one draw: the quantile of (bits + 1/2) / 2^32 as a float32, |z| < 6.4. */
export const normal = (key: number, index: number): number => Math.fround(normalQuantile(middle(bits(key, index))));

/** Element i is draw i, uniform between `low` and `high`; rounding to float32 may reach `high`. Returns the target. */
export function fillUniform(target: Float32Array, key: number, { low = 0, high = 1 } = {}): Float32Array {
  const { start, step } = stream(key);
  for (let i = 0; i < target.length; i++)
    target[i] = low + (high - low) * ((hash32(start + Math.imul(i, step)) >>> 8) * 2 ** -24);
  return target;
}

/** Element i is `mean + std * z` with z the normal of draw i, computed in float64 and rounded once. Returns the target. */
export function fillNormal(target: Float32Array, key: number, { mean = 0, std = 1 } = {}): Float32Array {
  const { start, step } = stream(key);
  for (let i = 0; i < target.length; i++)
    target[i] = mean + std * normalQuantile(middle(hash32(start + Math.imul(i, step))));
  return target;
}

/**
 * As `fillNormal`, from the normal cut off at two standard deviations: the quantiles of a uniform number between
 * Φ(-2) and Φ(2), as `torch.nn.init.trunc_normal_` with `a = mean - 2 std`, `b = mean + 2 std` draws. `std` is that of
 * the uncut normal; what comes out has 0.8796 of it.
 */
export function fillTruncatedNormal(target: Float32Array, key: number, { mean = 0, std = 1 } = {}): Float32Array {
  const { start, step } = stream(key);
  const tail = 0.02275013194817921; // Φ(-2)
  for (let i = 0; i < target.length; i++)
    target[i] = mean + std * normalQuantile(tail + (1 - 2 * tail) * middle(hash32(start + Math.imul(i, step))));
  return target;
}

/** The middle of the draw's interval of [0, 1]: never 0 or 1, exact in float64. */
const middle = (draw: number): number => (draw + 0.5) * 2 ** -32;
