/** A chain of elementwise work on large tensors, done for one slice of them after the other. */
import { sizeOf } from "../dims.ts";
import { pullBack, topologicalOrder } from "../grad.ts";
import { type Float, input, item, sameShape, several, shapeError, show } from "../tensor.ts";

/** Numbers in a slice: of fewer, the loop costs more than it saves; more do not fit into a cache. */
const SLICE = { least: 1 << 17, most: 1 << 21 };

/**
 * f(...xs) for tensors of one shape, where f treats each element alone. Where slices along the first axis are known to be
 * large, f is done slice by slice, so that what one operator leaves is still in the cache when the next reads it; the
 * numbers are the same.
 */
export function blockwise(f: (...xs: readonly Float[]) => Float, xs: readonly Float[]): Float {
  const whole = f(...xs);
  for (const x of xs)
    if (!sameShape(x.shape, whole.shape)) throw shapeError("blockwise", `${show(x)} becomes ${show(whole)}`);
  const inner = sizeOf(whole.shape.slice(1));
  if (whole.shape[0] === 1 || !(typeof inner === "number" && inner >= SLICE.least && inner <= SLICE.most)) return whole;
  const slices = xs.map((x) => input(x.shape.slice(1), x.dtype) as Float);
  const loop = several("Scan", xs, {
    body: { before: [], after: [], slices, reverse: false },
    itemsVjp(dys) {
      const cotangents = pullBack(topologicalOrder([whole], new Set(xs)), new Map([[whole, dys.get(y)!]]), xs);
      return xs.map((x) => cotangents.get(x) ?? null);
    },
  });
  const y = item(loop, f(...slices), whole.shape, whole.dtype);
  return y;
}
