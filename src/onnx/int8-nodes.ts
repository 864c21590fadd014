/**
 * Matrices of 8-bit whole numbers, and their products: what onnxruntime's packed kernels read fastest on a CPU with VNNI.
 * The left matrix is unsigned, with its own scale and zero at every run; the right one is signed, around 0.
 */
import { blockwise } from "../tensor/ops/blockwise.ts";
import { add, cast, log, maximum, mul, sub } from "../tensor/ops/index.ts";
import { constant, type Float, item, node, scalar, several, type Tensor } from "../tensor/tensor.ts";

/** x ≈ scale · (q − zero). */
export interface Quantized<D extends "uint8" | "int8"> {
  readonly q: Tensor<D>;
  readonly scale: Float;
  readonly zero: Tensor<D>;
}

/**
 * Not 127: a CPU without VNNI, and WebAssembly, add up two products of 8 bits in 16, and 2 · 255 · 127 does not fit there.
 * With 64 it does, on any of them.
 */
const LARGEST = 64;
const zero = constant("int8", [], Int8Array.of(0));

/** By the least and largest number that x has now. */
export function quantizeRange(x: Float): Quantized<"uint8"> {
  const tuple = several("DynamicQuantizeLinear", [x], {
    results: { count: 3, required: 3 },
    itemsVjp: () => [null],
  });
  return {
    q: item(tuple, 0, x.shape, "uint8"),
    scale: item(tuple, 1, [], "float32"),
    zero: item(tuple, 2, [], "uint8"),
  };
}

/** By the largest magnitude: 64 steps on either side of 0. */
export const quantize = (w: Float): Quantized<"int8"> => toInt8(w, mul(largest(quantizeRange(w)), 1 / LARGEST));

/** The largest magnitude, to half of one of 255 steps: one pass, where Abs and ReduceMax are two and half as fast. */
function largest({ scale, zero }: Quantized<"uint8">): Float {
  const below = cast(zero, "float32") as Float; // steps from 0 down to the least number
  return mul(scale, maximum(below, sub(255, below)));
}

/**
 * x as the sum of two: the second holds what the first leaves, in steps 128 times as fine. `range` is x's own. The step is
 * a power of two, so that x is rounded by adding 3 · 2²² steps and taking them off again, where a float32 has no finer ones:
 * DequantizeLinear takes three times as long.
 */
export function split(x: Float, range: Quantized<"uint8">): readonly [high: Quantized<"int8">, low: Quantized<"int8">] {
  const step = powerOfTwo(mul(largest(range), 1 / LARGEST));
  const [coarse, fine] = [mul(step, 3 * 2 ** 22), mul(step, 0.5 / LARGEST)];
  const [high, low] = blockwise(
    (x) => [toInt8(x, step).q, toInt8(sub(x, sub(add(x, coarse), coarse)), fine).q] as const,
    [x],
  );
  return [
    { q: high, scale: step, zero },
    { q: low, scale: fine, zero },
  ];
}

/** The least power of two that is no smaller than x, or x itself where it is less than a millionth larger. */
const powerOfTwo = (x: Float): Float => {
  const exponent = node("Ceil", [mul(log(x), Math.LOG2E)], { shape: x.shape });
  return node("Pow", [scalar(2), exponent], { shape: x.shape });
};

/** What its quantised form leaves of x. */
export const rest = (x: Float, { q, scale, zero }: Quantized<"uint8">): Float =>
  sub(x, node("DequantizeLinear", [q, scale, zero], { shape: x.shape, dtype: "float32" }));

const toInt8 = (x: Float, scale: Float): Quantized<"int8"> => ({
  q: node("QuantizeLinear", [x, scale, zero], { shape: x.shape, dtype: "int8" }),
  scale,
  zero,
});

/** The same numbers in another shape or order. */
export const moved = <D extends "uint8" | "int8">(
  x: Quantized<D>,
  move: (q: Tensor<D>) => Tensor<D>,
): Quantized<D> => ({ ...x, q: move(x.q) });

/** a b + bias in float32, summed up in whole numbers: a [..., K], b [K, N], bias [N]. */
export function product(a: Quantized<"uint8">, b: Quantized<"int8">, bias?: Float): Float {
  const inputs = [a.q, b.q, a.scale, b.scale, a.zero, b.zero];
  return node("MatMulIntegerToFloat", bias ? [...inputs, bias] : inputs, {
    domain: "com.microsoft",
    shape: [...a.q.shape.slice(0, -1), b.q.shape[1]!],
    dtype: "float32",
  });
}
