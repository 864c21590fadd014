/** A chain of work on the rows of large tensors, done for some of them after the other. */
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
 * Numbers in a slice: of fewer, the engine takes only one thread, and more do not fit into a core's cache. A tensor of no
 * more than `whole` gains nothing.
 */
const SLICE = { least: 1 << 17, most: 200_000, whole: 600_000 };

type Floats<X> = { readonly [K in keyof X]: Float };

/**
 * f(...xs) for tensors [..., C] or [..., 1], where f treats each row of C numbers alone and gives tensors of such rows: f of
 * some rows, [n, C], is these rows of f of all. Where slices are known to be large, f is done slice by slice, so that what one
 * operator leaves is still in the cache when the next reads it; the numbers are the same. f may read others from outside.
 */
export function blockwise<const X extends readonly Float[], const Y extends readonly Tensor[]>(
  f: (...xs: Floats<X>) => Y,
  xs: X,
): Y {
  const wholes = f(...(xs as Floats<X>));
  const { shape } = xs[0]!;
  const lead = shape.slice(0, -1);
  for (const x of [...xs, ...wholes])
    if (!sameShape(x.shape.slice(0, -1), lead)) throw shapeError("blockwise", `${show(xs[0]!)} becomes ${show(x)}`);
  const rows = rowsOfSlice(shape);
  if (rows === undefined) return wholes;
  const count = divide(sizeOf(lead), rows)!;
  const slices = xs.map((x) => input([rows, x.shape.at(-1)!], x.dtype) as Float);
  const cut = (x: Float) => reshape(x, [count, rows, x.shape.at(-1)!]);
  const loop = several("Scan", xs.map(cut), {
    body: { before: [], after: [], slices, reverse: false },
    needs: need("blockwise", minus(count, 1), `there is no slice of ${show(xs[0]!)}`),
    itemsVjp(dys) {
      const given = new Set<Tensor>(xs);
      const inside = topologicalOrder(wholes, given).filter((x) => !given.has(x)); // one of xs may be made of another
      const seeds = ys.flatMap((y, i) =>
        dys.has(y) ? [[wholes[i]!, reshape(dys.get(y)!, wholes[i]!.shape)] as const] : [],
      );
      const cotangents = pullBack(inside, new Map(seeds), xs);
      return xs.map((x, i) => (xs.indexOf(x) === i && cotangents.has(x) ? cut(cotangents.get(x)!) : null));
    },
  });
  const ys = f(...(slices as unknown as Floats<X>)).map((y) => item(loop, y, [count, rows, y.shape[1]!], y.dtype));
  return ys.map((y) => reshape(y, [...lead, y.shape[2]!])) as unknown as Y;
}

/** How many rows to take at once, as far as sizes are known from the last axis on; undefined: it is not worth a cut. */
function rowsOfSlice(shape: Shape): number | undefined {
  const known = sizeOf(shape.slice(shape.findLastIndex((d) => typeof d === "string") + 1, -1)) as number;
  const [C, all] = [shape.at(-1), sizeOf(shape)];
  if (typeof C !== "number" || (typeof all === "number" && all <= SLICE.whole)) return undefined;
  let rows = Math.min(known, Math.floor(SLICE.most / C));
  while (rows > 0 && known % rows !== 0) rows--;
  return rows * C >= SLICE.least ? rows : undefined;
}
