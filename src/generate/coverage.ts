/** How much of a source a text has looked at: the attention of its steps, added up for each place of the source. */
import type { Value } from "../tensor/dtype.ts";
import type { Decoding } from "./decoding.ts";
import type { Values } from "./memory.ts";

/** What the decoder must be opened with to be asked for it. */
export const ATTENTION = "cross_attentions";

/**
 * (coverage before, row, which source) → coverage with the row's attention at the last step, the mean of all layers and
 * heads, at places that are no padding. Throws a TypeError where the decoder was not opened with `ATTENTION` among its
 * taps, or its model has none.
 */
export function coverageOf(decoding: Decoding, source: Values | undefined) {
  const layers = () =>
    Object.entries(decoding.taps).flatMap(([name, value]) => (name.startsWith(`${ATTENTION}.`) ? [value] : []));
  if (layers().length === 0)
    throw new TypeError(
      `generate: coveragePenalty needs the attention to the source; open the decoder of a model that has one with taps: ["${ATTENTION}"]`,
    );
  const mask = source?.["attention_mask"];
  return (before: Float32Array, row: number, which: number): Float32Array => {
    const weights = meanOf(layers(), row);
    const S = weights.length;
    const real = weights.filter((_, s) => mask === undefined || Number(mask.data[which * S + s]) === 1);
    return real.map((weight, s) => weight + (before[s] ?? 0));
  };
}

/** Of layers [rows, heads, time, source], at the last time. */
function meanOf(layers: readonly Value[], row: number): Float32Array {
  const S = layers[0]!.dims[3]!;
  const mean = new Float32Array(S);
  for (const { dims, data } of layers) {
    const [, H, T] = dims as [number, number, number];
    for (let h = 0; h < H; h++)
      for (let s = 0; s < S; s++) mean[s]! += Number(data[((row * H + h) * T + T - 1) * S + s]) / (H * layers.length);
  }
  return mean;
}
