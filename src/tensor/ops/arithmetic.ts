/** Arithmetic, element by element, with NumPy's broadcasting. An operand may be a number or a size. */
import {
  broadcast,
  type Dim,
  type DType,
  type Float,
  type FloatType,
  node,
  scalar,
  shapeError,
  show,
  type Tensor,
} from "../tensor.ts";
import { cast, greaterOrEqual, lessOrEqual } from "./compare.ts";
import { reshape } from "./shape.ts";

export type Operand<D extends DType> = Tensor<D> | Dim;
export type Numeric = Exclude<DType, "bool">;

/** Both operands as tensors of one dtype: a number takes the other's. */
export function operands<D extends DType>(op: string, x: Operand<D>, y: Operand<D>): readonly [Tensor<D>, Tensor<D>] {
  const like = (typeof x === "object" ? x : typeof y === "object" ? y : undefined)?.dtype ?? ("float32" as D);
  const whole = !like.startsWith("float");
  const [a, b] = [x, y].map((z) => {
    if (typeof z === "object") return z;
    if (whole && typeof z === "number" && !Number.isInteger(z))
      throw shapeError(op, `${z} is not a whole number, as ${like} needs; cast the tensor`);
    return scalar(z, like);
  }) as [Tensor<D>, Tensor<D>];
  if (a.dtype !== b.dtype) throw shapeError(op, `${show(a)} and ${show(b)} are of different types; cast one of them`);
  return [a, b];
}

// A cotangent wider than its input (broadcasting) is summed back to the input's shape once, in grad.ts.

export function add<D extends Numeric = FloatType>(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("add", x, y);
  return node("Add", [a, b], {
    shape: broadcast("add", a, b),
    dtype: a.dtype,
    vjp: (dy) => [dy, dy],
    overTime: overTime(add),
    light: true,
    sumOverTime() {
      const one = a.sumOverTime?.();
      const two = b.sumOverTime?.();
      if (!one || !two || String(a.shape) !== String(b.shape)) return undefined;
      return {
        operands: [...one.operands, ...two.operands],
        terms: [...one.terms, ...two.terms],
        sum: (...of) => add(one.sum(...of), two.sum(...of)),
      };
    },
  });
}

export function sub<D extends Numeric = FloatType>(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("sub", x, y);
  return node("Sub", [a, b], { shape: broadcast("sub", a, b), dtype: a.dtype, vjp: (dy) => [dy, neg(dy)] });
}

export function mul<D extends Numeric = FloatType>(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("mul", x, y);
  return node("Mul", [a, b], {
    shape: broadcast("mul", a, b),
    dtype: a.dtype,
    vjp: (dy) => [mul(dy, b as Float), mul(dy, a as Float)],
    overTime: overTime(mul),
    light: true,
  });
}

/** Division; of whole numbers it truncates. */
export function div<D extends Numeric = FloatType>(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("div", x, y);
  return node("Div", [a, b], {
    shape: broadcast("div", a, b),
    dtype: a.dtype,
    vjp: (dy, q) => [div(dy, b as Float), neg(div(mul(dy, q), b as Float))],
  });
}

/** The remainder, with the divisor's sign for whole numbers. */
export function mod<D extends "int32" | "int64">(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("mod", x, y);
  return node("Mod", [a, b], { shape: broadcast("mod", a, b), dtype: a.dtype });
}

/** The larger of two, element by element; where they are equal, the first has the gradient. */
export function maximum<D extends Numeric = FloatType>(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("maximum", x, y);
  return node("Max", [a, b], {
    shape: broadcast("maximum", a, b),
    dtype: a.dtype,
    vjp: (dy) => shares(dy, cast(greaterOrEqual(a, b), dy.dtype)),
  });
}

/** The smaller of two, element by element; where they are equal, the first has the gradient. */
export function minimum<D extends Numeric = FloatType>(x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("minimum", x, y);
  return node("Min", [a, b], {
    shape: broadcast("minimum", a, b),
    dtype: a.dtype,
    vjp: (dy) => shares(dy, cast(lessOrEqual(a, b), dy.dtype)),
  });
}

const shares = (dy: Float, first: Float) => [mul(dy, first), mul(dy, sub(1, first))];

export const neg = <D extends "float32" | "float64" | "int32" | "int64">(x: Tensor<D>): Tensor<D> =>
  node("Neg", [x], { shape: x.shape, dtype: x.dtype, vjp: (dy) => [neg(dy)] });

export const abs = (x: Float): Float => node("Abs", [x], { shape: x.shape, vjp: (dy) => [mul(dy, sign(x))] });

/** −1, 0 or 1. Its derivative is taken as 0. */
export const sign = (x: Float): Float => node("Sign", [x], { shape: x.shape });

export const square = (x: Float): Float => mul(x, x);

/** x to a constant power. */
export function pow(x: Float, exponent: number): Float {
  return node("Pow", [x, scalar(exponent, x.dtype)], {
    shape: x.shape,
    vjp: (dy) => [mul(dy, mul(exponent, pow(x, exponent - 1))), null],
  });
}

/** x held between `low` and `high`; beyond them the gradient is 0. */
export function clip(x: Float, low: number, high: number): Float {
  return node("Clip", [x, scalar(low, x.dtype), scalar(high, x.dtype)], {
    shape: x.shape,
    vjp: (dy) => [
      mul(mul(dy, cast(greaterOrEqual(x, low), dy.dtype)), cast(lessOrEqual(x, high), dy.dtype)),
      null,
      null,
    ],
  });
}

/** The next whole number below; its derivative is 0. */
export const floor = (x: Float): Float => node("Floor", [x], { shape: x.shape });

/** The nearest whole number, halves to the even one; its derivative is 0. */
export const round = (x: Float): Float => node("Round", [x], { shape: x.shape });

/** `f` of values that have gained a leading axis, time: the others line up behind it. */
function overTime<D extends Numeric>(f: (a: Tensor<D>, b: Tensor<D>) => Tensor<D>) {
  return (inputs: readonly Tensor[], stacked: readonly boolean[]): Tensor => {
    const rank = Math.max(...inputs.map((x, i) => x.shape.length - Number(stacked[i])));
    const [a, b] = inputs.map((x, i) => {
      if (!stacked[i]) return x;
      const [T, ...rest] = x.shape;
      return reshape(x, [T!, ...Array<number>(rank - rest.length).fill(1), ...rest]);
    });
    return f(a as Tensor<D>, b as Tensor<D>);
  };
}
