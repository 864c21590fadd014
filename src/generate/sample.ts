/** From logits to a token: the likeliest, or one drawn by its probability. */
import { keyOf, uniform } from "../random.ts";

/** Where the largest number stands, the first of equal ones; a NaN's place, if there is one. */
export function argmax(x: Float32Array): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (x[i]! > x[best]! || Number.isNaN(x[i])) best = i;
  return best;
}

/** e^x / Σ e^x, computed in float64 and rounded once; −Infinity becomes 0. */
export function softmax(x: Float32Array): Float32Array {
  const max = x[argmax(x)]!;
  let sum = 0;
  for (const y of x) sum += Math.exp(y - max);
  return x.map((y) => Math.exp(y - max) / sum);
}

/** x − log Σ e^x, computed in float64 and rounded once. */
export function logSoftmax(x: Float32Array): Float32Array {
  const max = x[argmax(x)]!;
  let sum = 0;
  for (const y of x) sum += Math.exp(y - max);
  const log = max + Math.log(sum);
  return x.map((y) => y - log);
}

/** Token i with probability softmax(logits)ᵢ where u is uniform in [0, 1): the first whose cumulative share exceeds u. */
export function drawn(logits: Float32Array, u: number): number {
  const likeliest = argmax(logits);
  const weight = (i: number) => Math.exp(logits[i]! - logits[likeliest]!);
  let rest = 0;
  for (let i = 0; i < logits.length; i++) rest += weight(i);
  rest *= u;
  for (let i = 0; i < logits.length; i++) {
    rest -= weight(i);
    if (rest < 0) return i;
  }
  return likeliest; // where rounding left a rest behind all
}

/**
 * The number that draws the step-th new token of a prompt's copy-th row. It depends on nothing else, so a prompt's text
 * is the same alone and among others, and on every machine.
 */
export const chance = (seed: number, copy: number, step: number): number => uniform(keyOf(seed, "sample", copy), step);
