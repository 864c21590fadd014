/** Cutting and joining along an axis; cutting and joining are each other's VJP. */
import { type Dim, minus, plus } from "../dims.ts";
import {
  axisOf,
  type DType,
  dims,
  type Float,
  int64,
  item,
  need,
  node,
  type Shape,
  scalar,
  several,
  shapeError,
  show,
  type Tensor,
} from "../tensor.ts";
import type { Numeric } from "./arithmetic.ts";
import { zerosLike } from "./fill.ts";
import { reshape, unsqueeze } from "./shape.ts";

const resized = (x: Tensor, axis: number, size: Dim): Shape => x.shape.with(axis, size);

/** Consecutive pieces of `sizes` along `axis`. */
export function split<D extends DType>(x: Tensor<D>, sizes: readonly Dim[], axis: number): Tensor<D>[] {
  const along = axisOf("split", x, axis);
  const total = sizes.reduce(plus, 0);
  if (total !== x.shape[along])
    throw shapeError("split", `cannot split ${show(x)} into ${sizes.join(" + ")}: ${x.shape[along]} ≠ ${total}`);
  if (sizes.length === 1) return [x];
  const tuple = several("Split", [x, dims(sizes)], {
    attrs: { axis: along },
    moves: true,
    results: { count: sizes.length, required: sizes.length },
    itemsVjp: (dys) => [
      concat(
        pieces.map((p) => dys.get(p) ?? (zerosLike(p) as Tensor as Float)),
        along,
      ),
      null,
    ],
  });
  const pieces = sizes.map((size, i) => item(tuple, i, resized(x, along, size), x.dtype));
  return pieces;
}

/** `count` equal pieces along `axis`. */
export function chunk<D extends DType, const N extends number>(x: Tensor<D>, count: N, axis: number): Pieces<D, N> {
  const size = x.shape[axisOf("chunk", x, axis)];
  if (typeof size !== "number" || size % count !== 0)
    throw shapeError("chunk", `axis ${axis} of ${show(x)} is not ${count} equal pieces`);
  return split(x, Array<number>(count).fill(size / count), axis) as Pieces<D, N>;
}
type Pieces<D extends DType, N extends number, List extends Tensor<D>[] = []> = number extends N
  ? Tensor<D>[]
  : List["length"] extends N
    ? List
    : Pieces<D, N, [...List, Tensor<D>]>;

export const concat = <D extends DType>(xs: readonly Tensor<D>[], axis: number): Tensor<D> => join("concat", xs, axis);

function join<D extends DType>(op: string, xs: readonly Tensor<D>[], axis: number): Tensor<D> {
  const [first] = xs;
  if (!first) throw shapeError(op, "there is nothing to join");
  const along = axisOf(op, first, axis);
  for (const x of xs) {
    const why = (m: unknown, n: unknown, where: string) =>
      shapeError(op, `cannot join ${show(first)} and ${show(x)}: ${m} ≠ ${n}${where}`);
    if (x.dtype !== first.dtype) throw why(first.dtype, x.dtype, "");
    if (x.shape.length !== first.shape.length) throw why(first.shape.length, x.shape.length, " axes");
    x.shape.forEach((d, i) => {
      if (i !== along && d !== first.shape[i]) throw why(first.shape[i], d, ` at axis ${i}`);
    });
  }
  if (xs.length === 1) return first;
  const sizes = xs.map((x) => x.shape[along]!);
  return node("Concat", xs, {
    shape: resized(first, along, sizes.reduce(plus, 0)),
    dtype: first.dtype,
    attrs: { axis: along },
    vjp: (dy) => split(dy, sizes, along),
  });
}

/** Tensors of one shape along a new axis. */
export const stack = <D extends DType>(xs: readonly Tensor<D>[], axis = 0): Tensor<D> =>
  join(
    "stack",
    xs.map((x) => unsqueeze(x, axis)),
    axis,
  );

/** x[..., start:end, ...]; the ends may be symbolic: `slice(x, 1, 0, minus("time", 1))`. */
export function slice<D extends DType>(x: Tensor<D>, axis: number, start: Dim, end: Dim): Tensor<D> {
  const along = axisOf("slice", x, axis);
  const size = x.shape[along]!;
  const length = minus(end, start);
  const outside = `${start} … ${end} is not a part of axis ${axis} of ${show(x)}`;
  const needs = [start, minus(size, end), length].flatMap((d) => need("slice", d, outside));
  if (start === 0 && end === size) return x;
  return node("Slice", [x, dims([start]), dims([end]), int64([along])], {
    needs,
    shape: resized(x, along, length),
    dtype: x.dtype,
    vjp: (dy) => [pad(dy, along, start, minus(size, end)), null, null, null],
  });
}

/** `value`s before and after x along `axis`. */
export function pad<D extends Numeric>(x: Tensor<D>, axis: number, before: Dim, after: Dim, value = 0): Tensor<D> {
  const along = axisOf("pad", x, axis);
  const size = x.shape[along]!;
  if (before === 0 && after === 0) return x;
  const needs = [before, after].flatMap((d) => need("pad", d, `cannot pad ${show(x)} by ${d}`));
  // all axes, and named: with fewer, or without names, the engine's optimiser breaks a Pad next to a Transpose or a Conv
  const none = x.shape.map((): Dim => 0);
  const pads = dims([...none.with(along, before), ...none.with(along, after)]);
  return node("Pad", [x, pads, scalar(value, x.dtype), int64(none.map((_, i) => i))], {
    needs,
    shape: resized(x, along, plus(size, plus(before, after))),
    dtype: x.dtype,
    vjp: (dy) => [slice(dy, along, before, plus(before, size)), null, null, null],
  });
}

/** x in reverse order along `axis`. */
export function flip<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  const along = axisOf("flip", x, axis);
  const end = -(2 ** 62); // before the first element, whatever the size
  return node("Slice", [x, int64([-1]), int64([end]), int64([along]), int64([-1])], {
    shape: x.shape,
    dtype: x.dtype,
    vjp: (dy) => [flip(dy, along), null, null, null, null],
  });
}

/** x [n, ...] → n tensors [...]. */
export function unstack<D extends DType>(x: Tensor<D>): Tensor<D>[] {
  const n = x.shape[0];
  if (typeof n !== "number") throw shapeError("unstack", `the first size of ${show(x)} is not a number`);
  return split(x, Array<number>(n).fill(1), 0).map((row) => reshape(row, x.shape.slice(1)));
}
