/** What is largest or smallest, and in which order. Of equal values, the one with the lower index comes first. */
import { type Dim, minus } from "../dims.ts";
import { axisOf, dims, type Ids, item, need, node, notEmpty, several, show, type Tensor } from "../tensor.ts";
import type { Numeric } from "./arithmetic.ts";
import { zeros } from "./fill.ts";
import { addAlong } from "./gather.ts";

interface Ordered<D extends Numeric> {
  readonly values: Tensor<D>;
  /** Where along the axis each value stands in x. */
  readonly ids: Ids;
}

/**
 * The k largest along `axis`, largest first; with `largest: false` the k smallest, smallest first. x [..., n, ...] →
 * values and ids [..., k, ...]. The values have a gradient.
 */
export function topK<D extends Numeric>(x: Tensor<D>, k: Dim, axis = -1, { largest = true } = {}): Ordered<D> {
  const along = axisOf("topK", x, axis);
  const few = `cannot take ${k} of ${show(x)}: ${k} > ${x.shape[along]} at axis ${axis}`;
  const enough = [
    ...need("topK", minus(x.shape[along]!, k), few),
    ...need("topK", minus(k, 1), `cannot take ${k} values`),
  ];
  const tuple = several("TopK", [x, dims([k])], {
    needs: [...notEmpty("topK", x), ...enough],
    attrs: { axis: along, largest: Number(largest), sorted: 1 },
    results: { count: 2, required: 2 },
    itemsVjp(dys) {
      const dy = dys.get(values)!;
      return [addAlong(zeros(x.shape, dy.dtype), ids, dy, along), null];
    },
  });
  const shape = x.shape.with(along, k);
  const values = item(tuple, 0, shape, x.dtype);
  const ids = item(tuple, 1, shape, "int64");
  return { values, ids };
}

/** All values along `axis`, smallest first, and where they stand in x; `descending`, largest first. A stable sort. */
export function sort<D extends Numeric>(x: Tensor<D>, axis = -1, { descending = false } = {}): Ordered<D> {
  return topK(x, x.shape[axisOf("sort", x, axis)]!, axis, { largest: descending });
}

/** The index of the largest along `axis`, which goes. */
export const argmax = (x: Tensor<Numeric>, axis = -1): Ids => extreme("argmax", "ArgMax", x, axis);

/** The index of the smallest along `axis`, which goes. */
export const argmin = (x: Tensor<Numeric>, axis = -1): Ids => extreme("argmin", "ArgMin", x, axis);

function extreme(name: string, op: "ArgMax" | "ArgMin", x: Tensor<Numeric>, axis: number): Ids {
  const along = axisOf(name, x, axis);
  return node(op, [x], {
    shape: x.shape.toSpliced(along, 1),
    dtype: "int64",
    attrs: { axis: along, keepdims: 0 },
  });
}
