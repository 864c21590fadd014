/** Reading rows and entries at ids, and adding to them: each is the other's transpose. */
import { type Dim, sizeOf } from "../dims.ts";
import {
  axisOf,
  type DType,
  dims,
  type Float,
  type Ids,
  node,
  type Shape,
  sameShape,
  shapeError,
  show,
  type Tensor,
} from "../tensor.ts";
import { cast, equal, where } from "./compare.ts";
import { oneHot, zeros } from "./fill.ts";
import { matmul } from "./matmul.ts";
import { permute, reshape, squeeze, transpose, unsqueeze } from "./shape.ts";

/**
 * Rows of `table` [V, ...] at `ids` [...]: → [..., ...]. A negative id counts from the end. Reading the row of `padding`
 * gives it no gradient (torch.nn.functional.embedding's padding_idx).
 */
export function gather<D extends DType>(
  table: Tensor<D>,
  ids: Ids,
  { padding }: { readonly padding?: number | undefined } = {},
): Tensor<D> {
  const learned = (dy: Float): Float => {
    if (padding === undefined) return dy;
    const rows = [...ids.shape, ...table.shape.slice(1).map(() => 1)];
    return where(reshape(equal(ids, padding), rows), 0, dy);
  };
  axisOf("gather", table, 0);
  return node("Gather", [table, ids], {
    shape: [...ids.shape, ...table.shape.slice(1)],
    dtype: table.dtype,
    attrs: { axis: 0 },
    vjp: (dy) => [scatterAdd(table.shape, ids, learned(dy)), null],
    overTime: ([t, i], [tableStacked]) => (tableStacked ? undefined : gather(t!, i as Ids, { padding })),
  });
}

/** Entries of x at `ids` along any axis: x [..., n, ...] → [..., ids, ...] (torch.index_select, for ids of any rank). */
export function take<D extends DType>(x: Tensor<D>, ids: Ids, axis: number): Tensor<D> {
  const along = axisOf("take", x, axis);
  const others = x.shape.map((_, i) => i).filter((i) => i !== along);
  const rows = gather(permute(x, [along, ...others]), ids); // [ids, others]
  const k = ids.shape.length;
  const back = [...others.slice(0, along).keys()].map((i) => i + k);
  return permute(rows, [...back, ...Array(k).keys(), ...others.slice(along).map((_, i) => k + along + i)]);
}

/** Zeros of `shape`, with `rows` added at `ids`: the transpose of `gather`. A product is the faster way for small tables. */
export function scatterAdd(shape: Shape, ids: Ids, rows: Float): Float {
  const want = [...ids.shape, ...shape.slice(1)];
  if (!sameShape(rows.shape, want))
    throw shapeError(
      "scatterAdd",
      `${show(ids)} into [${shape.join(", ")}] takes rows [${want.join(", ")}], got ${show(rows)}`,
    );
  const small = typeof shape[0] === "number" && shape[0] <= 1024;
  return small ? scatterByProduct(shape, ids, rows) : scatterByIndex(shape, ids, rows);
}

function scatterByProduct(shape: Shape, ids: Ids, rows: Float): Float {
  const hot = cast(oneHot(reshape(ids, [sizeOf(ids.shape)]), shape[0]!), rows.dtype);
  const flat = reshape(rows, [sizeOf(ids.shape), sizeOf(shape.slice(1))]);
  return reshape(matmul(transpose(hot), flat), shape);
}

/** Not ScatterND: its additions race. */
function scatterByIndex(shape: Shape, ids: Ids, rows: Float): Float {
  const C = sizeOf(shape.slice(1));
  const n = sizeOf(ids.shape);
  const at = node("Expand", [reshape(ids, [n, 1]), dims([n, C])], { shape: [n, C], dtype: "int64" });
  const added = { ids: reshape(ids, [n]), rows: reshape(rows, [n, C]) };
  const table = node("ScatterElements", [zeros([shape[0]!, C], rows.dtype), at, added.rows], {
    shape: [shape[0]!, C],
    attrs: { axis: 0, reduction: "add" },
    added,
    vjp: (dy) => [dy, null, reshape(gather(dy, ids), [n, C])],
  });
  return reshape(table, shape);
}

/** y[..., i, ...] = x[..., ids[..., i, ...], ...] along `axis`; ids has x's rank (torch.gather). */
export function takeAlong<D extends DType>(x: Tensor<D>, ids: Ids, axis: number): Tensor<D> {
  const along = axisOf("takeAlong", x, axis);
  checkOthers("takeAlong", x, ids, along);
  return node("GatherElements", [x, ids], {
    shape: ids.shape,
    dtype: x.dtype,
    attrs: { axis: along },
    vjp: (dy) => [addAlong(zeros(x.shape, dy.dtype), ids, dy, along), null],
  });
}

/** x with `updates` added at `ids` along `axis`, which may repeat: the transpose of `takeAlong` (torch.scatter_add). */
export function addAlong(x: Float, ids: Ids, updates: Float, axis: number): Float {
  const along = axisOf("addAlong", x, axis);
  checkOthers("addAlong", x, ids, along);
  if (!sameShape(ids.shape, updates.shape)) throw shapeError("addAlong", `${show(ids)} cannot place ${show(updates)}`);
  return node("ScatterElements", [x, ids, updates], {
    shape: x.shape,
    attrs: { axis: along, reduction: "add" },
    vjp: (dy) => [dy, null, takeAlong(dy, ids, along)],
  });
}

/** x and ids agree in every axis but `along`. */
function checkOthers(op: string, x: Tensor, ids: Ids, along: number): void {
  const fail = (m: Dim, n: Dim, what: string) =>
    shapeError(op, `${show(x)} and ${show(ids)} differ: ${m} ≠ ${n} ${what}`);
  if (x.shape.length !== ids.shape.length) throw fail(x.shape.length, ids.shape.length, "axes");
  x.shape.forEach((d, i) => {
    if (i !== along && d !== ids.shape[i]) throw fail(d, ids.shape[i]!, `at axis ${i}`);
  });
}

/** x[..., ids[...]]: one entry along the last axis. x [..., V], ids [...] → [...]. */
export function pick(x: Float, ids: Ids): Float {
  const rows = x.shape.slice(0, axisOf("pick", x, -1));
  if (!sameShape(rows, ids.shape))
    throw shapeError("pick", `one of each row of ${show(x)} takes ids [${rows.join(", ")}], got ${show(ids)}`);
  return squeeze(takeAlong(x, unsqueeze(ids, -1), -1), -1);
}
