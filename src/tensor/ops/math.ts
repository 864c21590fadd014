/** Functions of one number, element by element, and the activations made of them. */
import { type Float, node } from "../tensor.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { blockwise } from "./blockwise.ts";
import { cast, greater } from "./compare.ts";

export const exp = (x: Float): Float => node("Exp", [x], { shape: x.shape, vjp: (dy, y) => [mul(dy, y)] });
export const log = (x: Float): Float => node("Log", [x], { shape: x.shape, vjp: (dy) => [div(dy, x)] });
export const sqrt = (x: Float): Float => node("Sqrt", [x], { shape: x.shape, vjp: (dy, y) => [div(dy, mul(2, y))] });
export const rsqrt = (x: Float): Float => div(1, sqrt(x));
export const sin = (x: Float): Float => node("Sin", [x], { shape: x.shape, vjp: (dy) => [mul(dy, cos(x))] });
export const cos = (x: Float): Float => node("Cos", [x], { shape: x.shape, vjp: (dy) => [neg(mul(dy, sin(x)))] });

export const tanh = (x: Float): Float =>
  node("Tanh", [x], { shape: x.shape, vjp: (dy, y) => [mul(dy, sub(1, mul(y, y)))] });

export const sigmoid = (x: Float): Float =>
  node("Sigmoid", [x], { shape: x.shape, vjp: (dy, y) => [mul(dy, mul(y, sub(1, y)))] });

/** 2/√π ∫₀ˣ exp(−t²) dt. */
export const erf = (x: Float): Float =>
  node("Erf", [x], { shape: x.shape, vjp: (dy) => [mul(dy, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x)))))] });

/** max(x, 0); at 0 the gradient is 0. */
export const relu = (x: Float): Float =>
  node("Relu", [x], { shape: x.shape, vjp: (dy) => [mul(dy, cast(greater(x, 0), dy.dtype))] });

/** log(1 + exp x). */
export const softplus = (x: Float): Float =>
  node("Softplus", [x], { shape: x.shape, vjp: (dy) => [mul(dy, sigmoid(x))] });

/** x σ(x), also called swish (Elfwing et al. 2017, arXiv:1702.03118). */
export const silu = (x: Float): Float => mul(x, sigmoid(x));

/** x Φ(x), with the exact normal distribution Φ (Hendrycks & Gimpel 2016, arXiv:1606.08415). */
export const gelu = (x: Float): Float =>
  node("Gelu", [x], {
    shape: x.shape,
    vjp: (dy) => blockwise((dy, x) => [mul(dy, geluSlope(x))], [dy, x]),
  });

/** Φ(x) + x φ(x), in as few passes as there are operators for: φ's factor 1/√2π is in its exponent. */
function geluSlope(x: Float): Float {
  const z = mul(Math.SQRT1_2, x);
  const cdf = mul(0.5, add(1, erf(z)));
  const pdf = exp(sub(-0.5 * Math.log(2 * Math.PI), mul(z, z)));
  return add(cdf, mul(x, pdf));
}

/**
 * GELU's tanh approximation: ½ x (1 + tanh √(2/π) (x + 0.044715 x³)) (Hendrycks & Gimpel 2016, §2). As ½ (1 + tanh z) is
 * σ(2z), it is x σ(x (a + b x²)), and its derivative σ + y (1 − σ) (a + 3 b x²).
 */
export const geluTanh = (x: Float): Float =>
  node("Gelu", [x], {
    shape: x.shape,
    attrs: { approximate: "tanh" },
    vjp: (dy, y) => blockwise((dy, x, y) => [mul(dy, geluTanhSlope(x, y))], [dy, x, y]),
  });

function geluTanhSlope(x: Float, y: Float): Float {
  const a = 2 * Math.sqrt(2 / Math.PI);
  const b = 0.044715 * a;
  const x2 = mul(x, x);
  const s = sigmoid(mul(x, add(a, mul(b, x2))));
  const slope = add(a, mul(3 * b, x2)); // of x (a + b x²)
  return add(s, mul(mul(y, sub(1, s)), slope));
}
