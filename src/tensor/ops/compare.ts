/** Comparisons, logic, choice and casts. A boolean has no gradient. */
import { type Bool, broadcast, type DType, type Float, type FloatType, node, type Tensor } from "../tensor.ts";
import { type Numeric, type Operand, operands } from "./arithmetic.ts";
import { zerosLike } from "./fill.ts";

function compare<D extends DType>(name: string, op: string, x: Operand<D>, y: Operand<D>): Bool {
  const [a, b] = operands(name, x, y);
  return node(op, [a, b], { shape: broadcast(name, a, b), dtype: "bool" });
}

export const equal = <D extends DType>(x: Operand<D>, y: Operand<D>): Bool => compare("equal", "Equal", x, y);
export const notEqual = <D extends DType>(x: Operand<D>, y: Operand<D>): Bool =>
  not(compare("notEqual", "Equal", x, y));
export const less = <D extends Numeric>(x: Operand<D>, y: Operand<D>): Bool => compare("less", "Less", x, y);
export const lessOrEqual = <D extends Numeric>(x: Operand<D>, y: Operand<D>): Bool =>
  compare("lessOrEqual", "LessOrEqual", x, y);
export const greater = <D extends Numeric>(x: Operand<D>, y: Operand<D>): Bool => compare("greater", "Greater", x, y);
export const greaterOrEqual = <D extends Numeric>(x: Operand<D>, y: Operand<D>): Bool =>
  compare("greaterOrEqual", "GreaterOrEqual", x, y);

export const and = (x: Bool, y: Bool): Bool => compare("and", "And", x, y);
export const or = (x: Bool, y: Bool): Bool => compare("or", "Or", x, y);
export const not = (x: Bool): Bool => node("Not", [x], { shape: x.shape, dtype: "bool" });
export const isNan = (x: Float): Bool => node("IsNaN", [x], { shape: x.shape, dtype: "bool" });

/** `x` where `condition` holds, else `y`. For masks on a hot path an addition is five times faster. */
export function where<D extends DType = FloatType>(condition: Bool, x: Operand<D>, y: Operand<D>): Tensor<D> {
  const [a, b] = operands("where", x, y);
  const shape = broadcast("where", condition, { ...a, shape: broadcast("where", a, b) });
  return node("Where", [condition, a, b], {
    shape,
    dtype: a.dtype,
    vjp: (dy) => [null, where(condition, dy, zerosLike(dy)), where(condition, zerosLike(dy), dy)],
  });
}

/** x as another type; booleans become 0 and 1, fractions are cut off. Between floats, the gradient is cast back. */
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  if (x.dtype === dtype) return x as Tensor as Tensor<D>;
  return node("Cast", [x], {
    shape: x.shape,
    dtype,
    attrs: { to: { dtype } },
    vjp: (dy) => [x.dtype.startsWith("float") ? cast(dy, x.dtype) : null],
  });
}

/** x, as a constant to whoever differentiates. */
export const stopGradient = <D extends DType>(x: Tensor<D>): Tensor<D> =>
  node("Identity", [x], { shape: x.shape, dtype: x.dtype });
