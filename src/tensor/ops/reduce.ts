/** Sums and other reductions over axes, and broadcasting. Summing and broadcasting are each other's transpose. */
import { minus, sizeOf } from "../dims.ts";
import {
  axisOf,
  checkFits,
  type DType,
  dims,
  type Float,
  int64,
  node,
  type Shape,
  sameShape,
  scalar,
  type Tensor,
} from "../tensor.ts";
import { add, div, mul, type Numeric, square, sub } from "./arithmetic.ts";
import { cast, equal, stopGradient } from "./compare.ts";
import { exp, log } from "./math.ts";
import { reshape } from "./shape.ts";

interface Reduce {
  readonly keepDims?: boolean;
}

const all = (x: Tensor): number[] => x.shape.map((_, i) => i);

/** The shape after reducing `axes`, with them kept as 1 and as the caller wants it. */
function reduced(op: string, x: Tensor, axes: readonly number[], keepDims: boolean) {
  const gone = new Set(axes.map((axis) => axisOf(op, x, axis)));
  const kept = x.shape.map((n, i) => (gone.has(i) ? 1 : n));
  return { gone: [...gone], kept, shape: keepDims ? kept : x.shape.filter((_, i) => !gone.has(i)) };
}

/** Σ over `axes` (all of them, unless given). */
export function sum<D extends Numeric>(x: Tensor<D>, axes = all(x), { keepDims = false }: Reduce = {}): Tensor<D> {
  const { gone, kept, shape } = reduced("sum", x, axes, keepDims);
  if (gone.length === 0) return x;
  return node("ReduceSum", [x, int64(gone)], {
    shape,
    dtype: x.dtype,
    attrs: { keepdims: Number(keepDims) },
    vjp: (dy) => [broadcastTo(reshape(dy, kept), x.shape), null],
    sumOverTime: () => ({
      operands: [x],
      terms: [],
      sum: (stack) => reshape(sum(stack(x), [0, ...gone.map((axis) => axis + 1)]), shape),
    }),
  });
}

export function mean(x: Float, axes = all(x), { keepDims = false }: Reduce = {}): Float {
  const { gone, kept, shape } = reduced("mean", x, axes, keepDims);
  if (gone.length === 0) return x;
  return node("ReduceMean", [x, int64(gone)], {
    shape,
    attrs: { keepdims: Number(keepDims) },
    vjp: (dy) => [broadcastTo(div(reshape(dy, kept), sizeOf(gone.map((i) => x.shape[i]!))), x.shape), null],
  });
}

/** Largest values; the gradient is shared equally where several are largest (as torch.amax). */
export const max = (x: Float, axes = all(x), { keepDims = false }: Reduce = {}): Float =>
  extreme("ReduceMax", x, axes, keepDims);

/** Smallest values; the gradient is shared equally where several are smallest (as torch.amin). */
export const min = (x: Float, axes = all(x), { keepDims = false }: Reduce = {}): Float =>
  extreme("ReduceMin", x, axes, keepDims);

function extreme(op: "ReduceMax" | "ReduceMin", x: Float, axes: readonly number[], keepDims: boolean): Float {
  const { gone, kept, shape } = reduced(op === "ReduceMax" ? "max" : "min", x, axes, keepDims);
  if (gone.length === 0) return x;
  return node(op, [x, int64(gone)], {
    shape,
    attrs: { keepdims: Number(keepDims) },
    vjp(dy, y) {
      const at = cast(equal(x, reshape(y, kept)), dy.dtype);
      return [mul(at, div(reshape(dy, kept), sum(at, gone, { keepDims: true }))), null];
    },
  });
}

/**
 * Running sums along `axis`: y[i] = Σ x[j] over j ≤ i; `exclusive` leaves x[i] out, `reverse` sums from the end.
 */
export function cumsum<D extends Numeric>(
  x: Tensor<D>,
  axis: number,
  { exclusive = false, reverse = false } = {},
): Tensor<D> {
  const along = axisOf("cumsum", x, axis);
  return node("CumSum", [x, scalar(along, "int64")], {
    shape: x.shape,
    dtype: x.dtype,
    attrs: { exclusive: Number(exclusive), reverse: Number(reverse) },
    vjp: (dy) => [cumsum(dy, along, { exclusive, reverse: !reverse }), null],
  });
}

/** Mean squared distance from the mean. `correction: 1` divides by n − 1, as torch.var does. */
export function variance(x: Float, axes = all(x), { keepDims = false, correction = 0 } = {}): Float {
  reduced("variance", x, axes, keepDims);
  const squares = sum(square(sub(x, mean(x, axes, { keepDims: true }))), axes, { keepDims });
  return div(squares, minus(sizeOf(axes.map((axis) => x.shape.at(axis)!)), correction));
}

/** log Σ exp x, without overflow. */
export function logSumExp(x: Float, axes = all(x), { keepDims = false }: Reduce = {}): Float {
  const { kept, shape } = reduced("logSumExp", x, axes, keepDims);
  const largest = stopGradient(max(x, axes, { keepDims: true }));
  const y = add(log(sum(exp(sub(x, largest)), axes, { keepDims: true })), largest);
  return kept.length === shape.length ? y : reshape(y, shape);
}

/** x repeated along new axes and along those of size 1, up to `shape`. */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  if (sameShape(x.shape, shape)) return x;
  checkFits("broadcastTo", x, shape);
  return node("Expand", [x, dims(shape)], { shape, dtype: x.dtype, vjp: (dy) => [dy, null] }); // grad.ts sums dy back to x
}

/** x summed down to `shape`, as if `shape` had been broadcast up to x. */
export function sumTo(x: Float, shape: Shape): Float {
  if (sameShape(x.shape, shape)) return x;
  checkFits("sumTo", { ...x, shape }, x.shape);
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < extra || (shape[i - extra] === 1 && n !== 1) ? [i] : []));
  return axes.length === 0 ? x : reshape(sum(x, axes), shape);
}
