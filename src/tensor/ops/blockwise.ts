/** A chain of elementwise work on large tensors, done for one slice of them after the other. */
import { minus, sizeOf } from "../dims.ts";
import { pullBack, topologicalOrder } from "../grad.ts";
import { type Float, input, item, need, sameShape, several, shapeError, show, type Tensor } from "../tensor.ts";

/** Numbers in a slice: of fewer, the loop costs more than it saves; more do not fit into a cache. */
const SLICE = { least: 1 << 17, most: 1 << 21 };

type Floats<X> = { readonly [K in keyof X]: Float };

/**
 * f(...xs) for tensors of one shape, where f treats each element alone. Where slices along the first axis are known to be
 * large, f is done slice by slice, so that what one operator leaves is still in the cache when the next reads it; the
 * numbers are the same.
 */
export function blockwise<const X extends readonly Float[]>(f: (...xs: Floats<X>) => Float, xs: X): Float {
  const whole = f(...(xs as Floats<X>));
  for (const x of xs)
    if (!sameShape(x.shape, whole.shape)) throw shapeError("blockwise", `${show(x)} becomes ${show(whole)}`);
  const inner = sizeOf(whole.shape.slice(1));
  if (whole.shape[0] === 1 || !(typeof inner === "number" && inner >= SLICE.least && inner <= SLICE.most)) return whole;
  const slices = xs.map((x) => input(x.shape.slice(1), x.dtype) as Float);
  const loop = several("Scan", xs, {
    body: { before: [], after: [], slices, reverse: false },
    needs: need("blockwise", minus(whole.shape[0]!, 1), `there is no slice of ${show(whole)}`),
    itemsVjp(dys) {
      const given = new Set<Tensor>(xs);
      const inside = topologicalOrder([whole], given).filter((x) => !given.has(x)); // one of xs may be made of another
      const cotangents = pullBack(inside, new Map([[whole, dys.get(y)!]]), xs);
      return xs.map((x, i) => (xs.indexOf(x) === i && cotangents.get(x)) || null);
    },
  });
  const y = item(loop, f(...(slices as unknown as Floats<X>)), whole.shape, whole.dtype);
  return y;
}
