/**
 * Causal attention in blocks of queries. A block reads the keys up to its own end and no later ones, which the mask hides
 * from all of it: with many blocks that is nearly half of the scores, and they are never computed.
 */
import { concat, pad, slice, split } from "../../tensor/ops/index.ts";
import type { Float } from "../../tensor/tensor.ts";

/** Attention's result and its weights: [B, H, T, D] and [B, H, T, S]. */
export interface Attended {
  readonly y: Float;
  readonly weights: Float;
}

const BLOCK = 128; // queries; where all are fewer, cutting and joining costs what the scores do that it saves

/** Whether a mask [..., T, S] is of as many keys as queries, and of enough to cut; a size not known yet is not. */
export function isWorthCutting(mask: Float): boolean {
  const [T, S] = mask.shape.slice(-2);
  return typeof T === "number" && T === S && T > BLOCK;
}

/** What `attend` gives for a mask that hides all later keys. q [B, H, T, D], k and v [B, G, T, D], mask [..., T, T]. */
export function inCausalBlocks(
  attend: (q: Float, k: Float, v: Float, mask: Float) => Attended,
  [q, k, v]: readonly [Float, Float, Float],
  mask: Float,
): Attended {
  const [queries, keys] = [mask.shape.length - 2, mask.shape.length - 1];
  const T = mask.shape[keys] as number;
  const lengths = Array.from({ length: Math.ceil(T / BLOCK) }, (_, i) => Math.min(BLOCK, T - i * BLOCK));
  const blocks = split(q, lengths, 2).map((block, i) => {
    const [start, end] = [i * BLOCK, i * BLOCK + lengths[i]!];
    const seen = slice(slice(mask, queries, start, end), keys, 0, end);
    const { y, weights } = attend(block, slice(k, 2, 0, end), slice(v, 2, 0, end), seen);
    return { y, weights: pad(weights, 3, 0, T - end) };
  });
  const joined = (part: keyof Attended) =>
    concat(
      blocks.map((block) => block[part]),
      2,
    );
  return { y: joined("y"), weights: joined("weights") };
}
