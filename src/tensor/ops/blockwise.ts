/** A chain of elementwise work on large tensors, done for one slice of them after the other. */
import { divide, minus, sizeOf } from "../dims.ts";
import { pullBack, topologicalOrder } from "../grad.ts";
import {
  type Float,
  input,
  item,
  need,
  type Shape,
  sameShape,
  several,
  shapeError,
  show,
  type Tensor,
} from "../tensor.ts";
import { reshape } from "./shape.ts";

/**
 * Numbers in a slice: of fewer, the engine takes only one thread, and more do not fit into a core's cache. The last axes'
 * numbers stay together, but not more than `longest`: of those the loop saves nothing.
 */
const SLICE = { least: 1 << 17, most: 200_000, longest: 1 << 21 };

type Floats<X> = { readonly [K in keyof X]: Float };

/**
 * f(...xs) for tensors of one shape, where f treats each element alone and gives tensors of that shape. Where slices along
 * the first axes are known to be large, f is done slice by slice, so that what one operator leaves is still in the cache when
 * the next reads it; the numbers are the same. f may read scalars from outside.
 */
export function blockwise<const X extends readonly Float[], const Y extends readonly Tensor[]>(
  f: (...xs: Floats<X>) => Y,
  xs: X,
): Y {
  const wholes = f(...(xs as Floats<X>));
  const { shape } = xs[0]!;
  for (const x of [...xs, ...wholes])
    if (!sameShape(x.shape, shape)) throw shapeError("blockwise", `${show(xs[0]!)} becomes ${show(x)}`);
  const slice = sliceOf(shape);
  const [count] = slice ? [divide(sizeOf(shape), sizeOf(slice))!] : [];
  if (!slice || count === undefined || count === 1) return wholes;
  const slices = xs.map((x) => input(slice, x.dtype) as Float);
  const cut = (x: Float) => reshape(x, [count, ...slice]);
  const loop = several("Scan", xs.map(cut), {
    body: { before: [], after: [], slices, reverse: false },
    needs: need("blockwise", minus(count, 1), `there is no slice of ${show(xs[0]!)}`),
    itemsVjp(dys) {
      const given = new Set<Tensor>(xs);
      const inside = topologicalOrder(wholes, given).filter((x) => !given.has(x)); // one of xs may be made of another
      const seeds = ys.flatMap((y, i) => (dys.has(y) ? [[wholes[i]!, reshape(dys.get(y)!, shape)] as const] : []));
      const cotangents = pullBack(inside, new Map(seeds), xs);
      return xs.map((x, i) => (xs.indexOf(x) === i && cotangents.has(x) ? cut(cotangents.get(x)!) : null));
    },
  });
  const ys = f(...(slices as unknown as Floats<X>)).map((y) => item(loop, y, [count, ...slice], y.dtype));
  return ys.map((y) => reshape(y, shape)) as unknown as Y;
}

/** The largest part of a tensor's last axes, whole ones and a part of one more, that fits; undefined: it is not worth a cut. */
function sliceOf(shape: Shape): Shape | undefined {
  const first = shape.findLastIndex((d) => typeof d === "string") + 1;
  for (let axis = first; axis < shape.length; axis++) {
    const inner = sizeOf(shape.slice(axis + 1)) as number;
    if (inner > SLICE.most && axis + 1 < shape.length) continue;
    const size = shape[axis] as number;
    let part = Math.min(size, Math.floor(SLICE.most / inner));
    while (size % part !== 0) part--;
    if (part * inner >= SLICE.least) return [part, ...shape.slice(axis + 1)];
    break;
  }
  const row = shape.slice(1);
  const inner = sizeOf(row);
  return typeof inner === "number" && inner >= SLICE.least && inner <= SLICE.longest ? row : undefined;
}
