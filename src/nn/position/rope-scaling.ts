/**
 * How fast rotary pairs turn, and the ways to stretch that over more positions than a model was trained on. Numbers are
 * rounded to float32 at each step, as PyTorch does, so that far positions turn by the same angle.
 */
import { div, exp, greater, log, maximum, mul, sub, where } from "../../tensor/ops/index.ts";
import { constant, type Float } from "../../tensor/tensor.ts";
import type { Rope } from "./rotary.ts";

const f = Math.fround;

interface Base {
  /** How many numbers of a head turn. */
  readonly dim: number;
  /** The slowest pair turns once in about 2π · theta positions. */
  readonly theta: number;
}
interface Stretch extends Base {
  /** How many times as long sequences become. */
  readonly factor: number;
}

/** theta^(2i / dim) for pair i: how many positions a turn by one radian takes. */
const periods = ({ dim, theta }: Base): number[] =>
  Array.from({ length: Math.ceil(dim / 2) }, (_, i) => f(f(theta) ** f((2 * i) / dim)));

const ropeOf = (frequencies: readonly number[], scale = 1): Rope => ({
  frequencies: Float32Array.from(frequencies),
  scale,
});

/** Pair i turns by theta^(−2i / dim) (the paper's eq. 15). */
export const plainRope = (base: Base): Rope => ropeOf(periods(base).map((period) => 1 / period));

/** Position interpolation: all turn slower by the factor (Chen et al. 2023, arXiv:2306.15595). */
export const linearRope = ({ factor, ...base }: Stretch): Rope =>
  ropeOf(periods(base).map((period) => f(1 / period) / factor));

/**
 * A part of the pairs turns, the fast ones, as if all did; the others stay: pair i is still the numbers i and dim / 2 + i
 * (Hugging Face's "proportional", of Gemma 4's global layers).
 */
export const proportionalRope = ({ dim, theta, factor, part }: Stretch & { readonly part: number }): Rope => {
  const turning = Math.floor((part * dim) / 2);
  return ropeOf(periods({ dim, theta }).map((period, i) => (i < turning ? f(1 / period) / factor : 0)));
};

/**
 * NTK-aware scaling that follows the sequence: beyond `positions`, theta grows so that the slowest pair has turned as far
 * as it ever did (bloc97 2023; Peng et al. 2023, arXiv:2309.00071, §3.1 and §A.1).
 */
export function dynamicRope({ dim, theta, factor, positions }: Stretch & { readonly positions: number }): Rope {
  const exponents = Array.from({ length: Math.ceil(dim / 2) }, (_, i) => (-2 * i) / dim);
  return {
    frequencies(length: Float): Float {
      const growth = sub(div(mul(maximum(length, positions), factor), positions), factor - 1);
      const logTheta = sub(mul(log(growth), dim / (dim - 2)), -Math.log(theta));
      return exp(mul(constant("float32", [exponents.length], Float32Array.from(exponents)), logTheta));
    },
  };
}

export interface Yarn extends Stretch {
  /** How long sequences were before. */
  readonly originalPositions: number;
  /** A pair that turns more often than `betaFast` over those stays, one that turns less than `betaSlow` is interpolated. */
  readonly betaFast?: number;
  readonly betaSlow?: number;
  /** Whether the pairs between which the two are mixed are whole. */
  readonly truncate?: boolean;
  /** What cosines and sines are multiplied by, unless it follows from the factor. */
  readonly attentionFactor?: number | undefined;
  readonly mscale?: number | undefined;
  readonly mscaleAllDim?: number | undefined;
}

/** YaRN: fast pairs stay, slow ones are interpolated, and attention is sharpened (Peng et al. 2023, arXiv:2309.00071). */
export function yarnRope({ dim, theta, factor, originalPositions, ...more }: Yarn): Rope {
  const { betaFast = 32, betaSlow = 1, truncate = true, attentionFactor, mscale, mscaleAllDim } = more;
  /** The pair that turns so often over the original positions (eq. 17, 18). */
  const pairOf = (turns: number) => (dim * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [first, last] = [pairOf(betaFast), pairOf(betaSlow)];
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const high = Math.min(truncate ? Math.ceil(last) : last, dim - 1);
  const width = high === low ? 0.001 : high - low;
  const frequencies = periods({ dim, theta }).map((period, i) => {
    const stays = f(1 - Math.min(1, Math.max(0, f((i - low) / width))));
    return f(f(1 / f(factor * period)) * f(1 - stays)) + f(f(1 / period) * stays);
  });
  const sharpening = (m = 1) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  const scale = mscale && mscaleAllDim ? sharpening(mscale) / sharpening(mscaleAllDim) : sharpening();
  return ropeOf(frequencies, attentionFactor ?? scale);
}

export interface LongRope extends Base {
  /** For each pair, what its period is multiplied by: in sequences up to the original length, and in longer ones. */
  readonly shortFactor: readonly number[];
  readonly longFactor: readonly number[];
  readonly originalPositions: number;
  /** How many times as long sequences become; from it follows what cosines and sines are multiplied by. */
  readonly factor: number;
  readonly attentionFactor?: number | undefined;
}

/** LongRoPE: a searched factor for every pair (Ding et al. 2024, arXiv:2402.13753). */
export function longRope({ dim, theta, shortFactor, longFactor, originalPositions, factor, ...more }: LongRope): Rope {
  const numbers = (factors: readonly number[]) => {
    const slower = periods({ dim, theta }).map((period, i) => 1 / f(f(factors[i]!) * period));
    return constant("float32", [slower.length], Float32Array.from(slower)) as Float;
  };
  const [short, long] = [numbers(shortFactor), numbers(longFactor)];
  const scale = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions));
  return {
    frequencies: (length) => where(greater(length, originalPositions), long, short),
    scale: more.attentionFactor ?? scale,
  };
}

export interface Llama3Rope extends Stretch {
  readonly originalPositions: number;
  readonly lowFreqFactor: number;
  readonly highFreqFactor: number;
}

/** Llama 3.1: waves longer than the original length are stretched, short ones stay, those between are mixed (arXiv:2407.21783). */
export function llama3Rope({ factor, originalPositions, lowFreqFactor, highFreqFactor, ...base }: Llama3Rope): Rope {
  return ropeOf(
    periods(base).map((period) => {
      const frequency = f(1 / period);
      const wave = f(f(2 * Math.PI) / frequency);
      if (wave > originalPositions / lowFreqFactor) return frequency / factor;
      if (wave < originalPositions / highFreqFactor) return frequency;
      const stays = f(f(f(originalPositions / wave) - lowFreqFactor) / (highFreqFactor - lowFreqFactor));
      return f(f(f(1 - stays) * frequency) / factor) + f(stays * frequency);
    }),
  );
}
