/** Tensors of one number, counting tensors, and masks. */
import { type Dim, minus } from "../dims.ts";
import { type Bool, constant, type DType, dims, type Ids, node, type Shape, scalar, type Tensor } from "../tensor.ts";
import { sub } from "./arithmetic.ts";
import { and, lessOrEqual } from "./compare.ts";
import { broadcastTo } from "./reduce.ts";
import { reshape } from "./shape.ts";

export const full = <D extends DType = "float32">(shape: Shape, value: number, dtype = "float32" as D): Tensor<D> =>
  broadcastTo(scalar(value, dtype), shape);

export const zeros = <D extends DType = "float32">(shape: Shape, dtype = "float32" as D): Tensor<D> =>
  full(shape, 0, dtype);

export const zerosLike = <D extends DType>(x: Tensor<D>): Tensor<D> => zeros(x.shape, x.dtype);

/** start, start + 1, … end − 1: [end − start]. */
export const iota = (end: Dim, start: Dim = 0): Ids =>
  node("Range", [scalar(start, "int64"), scalar(end, "int64"), scalar(1, "int64")], {
    shape: [minus(end, start)],
    dtype: "int64",
  });

/** [..., count]: 1 at each id, 0 elsewhere. */
export const oneHot = (ids: Ids, count: Dim): Tensor<"float32"> =>
  node("OneHot", [ids, dims([count]), constant("float32", [2], Float32Array.of(0, 1))], {
    shape: [...ids.shape, count],
    dtype: "float32",
    attrs: { axis: -1 },
  });

/** Which of `count` keys each of T queries may see, the keys before it and its own; the last query sees all. [T, count] */
export const causal = (T: Dim, count: Dim = T): Bool =>
  lessOrEqual(reshape(iota(count), [1, count]), reshape(iota(count, minus(count, T)), [T, 1]));

/** Where query i may see key j: |i − j| < window, on both sides. [T, T]; `and` it with `causal` for one side. */
export const banded = (T: Dim, window: number): Bool => {
  const distance = sub(reshape(iota(T), [T, 1]), reshape(iota(T), [1, T]));
  return and(lessOrEqual(distance, window - 1), lessOrEqual(-window + 1, distance));
};
