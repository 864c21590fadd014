/** Softmax and the normalisations of a Transformer. */
import { sizeOf } from "../dims.ts";
import { axisOf, type Dim, type Float, type Ids, item, node, several, shapeError, show } from "../tensor.ts";
import { add, div, mul, neg, square, sub } from "./arithmetic.ts";
import { blockwise } from "./blockwise.ts";
import { zerosLike } from "./fill.ts";
import { addAlong } from "./gather.ts";
import { exp, rsqrt, sqrt } from "./math.ts";
import { asRows, matmul } from "./matmul.ts";
import { mean, sum, sumTo } from "./reduce.ts";
import { reshape, transpose } from "./shape.ts";

export function softmax(x: Float, axis = -1): Float {
  const along = axisOf("softmax", x, axis);
  return node("Softmax", [x], {
    shape: x.shape,
    attrs: { axis: along },
    vjp: (dy, y) => [mul(y, sub(dy, dotAlong(along, dy, y)))],
  });
}

/**
 * Σ dy y along `axis`, kept as 1. Where dy is a product a b over the last axis, as attention's is, it is Σₖ aₖ (y bᵀ)ₖ: y bᵀ
 * is the attention's own result, so the engine has it already, and its rows are shorter (Dao et al. 2022,
 * arXiv:2205.14135, appendix B.2).
 */
function dotAlong(axis: number, dy: Float, y: Float): Float {
  const [a, b] = dy.inputs as readonly [Float, Float];
  const isProduct = dy.op === "MatMul" && axis === y.shape.length - 1 && a.shape.length === y.shape.length;
  const [one, other] = isProduct ? [a, matmul(y, transpose(b))] : [dy, y];
  return sum(mul(one, other), [axis], { keepDims: true });
}

export function logSoftmax(x: Float, axis = -1): Float {
  const along = axisOf("logSoftmax", x, axis);
  return node("LogSoftmax", [x], {
    shape: x.shape,
    attrs: { axis: along },
    vjp: (dy, y) => [ofPicked(dy, y, along) ?? sub(dy, mul(exp(y), sum(dy, [along], { keepDims: true })))],
  });
}

/**
 * Where dy is zero but for the few entries of each row that were picked, as a cross-entropy's is: −softmax, with them added
 * where they belong. A row of zeros as long as there are classes, its sum and its difference are never made.
 */
function ofPicked(dy: Float, y: Float, axis: number): Float | undefined {
  const [base, ids, picked] = dy.inputs as readonly [Float, Ids, Float];
  if (dy.op !== "ScatterElements" || dy.attrs["axis"] !== axis || !isZeros(base)) return undefined;
  return addAlong(mul(exp(y), neg(sum(picked, [axis], { keepDims: true }))), ids, picked, axis);
}

const isZeros = ({ op, inputs: [x] }: Float): boolean => op === "Expand" && x!.value?.length === 1 && x!.value[0] === 0;

/**
 * (x − mean) / √(variance + eps) · weight + bias over the last axis (Ba et al. 2016, arXiv:1607.06450).
 * x [..., C], weight [C], bias [C].
 */
export function layerNormalize(x: Float, weight: Float, bias: Float, eps: number): Float {
  const C = checkParameters("layerNormalize", x, weight, bias);
  const last = x.shape.length - 1;
  const rows = x.shape.with(last, 1);
  const tuple = several("LayerNormalization", [x, weight, bias], {
    attrs: { axis: -1, epsilon: { float: eps } },
    results: { count: 3, required: 1 },
    itemsVjp(dys) {
      const dy = dys.get(y) ?? zerosLike(y);
      const [mu, inverse] = x.dtype === "float32" ? [muItem, inverseItem] : moments(x, eps);
      const share = reshape(div(weight, C), [1, C]);
      let [dx, dyCentered] = blockwise(
        (dy, x, mu, inverse) => {
          const along = (z: Float) => reshape(matmul(share, transpose(asRows(z))), mu.shape); // the mean of z · weight over each row
          const centered = sub(x, mu);
          const dyCentered = mul(dy, centered);
          const slope = mul(square(inverse), along(dyCentered)); // of centered, in dx / inverse
          return [mul(inverse, sub(sub(mul(dy, weight), along(dy)), mul(centered, slope))), dyCentered] as const;
        },
        [dy, x, mu, inverse],
      );
      // the other results are read by this very rule, so a second derivative comes back through them
      const dMu = dys.get(muItem);
      const dInverse = dys.get(inverseItem);
      if (dMu) dx = add(dx, div(dMu, C));
      if (dInverse) dx = sub(dx, div(mul(mul(dInverse, mul(inverse, square(inverse))), sub(x, mu)), C));
      const dWeight = matmul(reshape(inverse, [1, sizeOf(rows)]), asRows(dyCentered)); // Σ over rows of dy · centered · inverse
      return [dx, reshape(dWeight, [C]), sumTo(dy, bias.shape)];
    },
  });
  const y = item(tuple, 0, x.shape, x.dtype);
  const muItem: Float = item(tuple, 1, rows, "float32"); // ONNX keeps these two in float32 whatever x is
  const inverseItem: Float = item(tuple, 2, rows, "float32"); // 1 / √(variance + eps)
  return y;
}

/** The size of the last axis, which is that of each parameter. */
function checkParameters(op: string, x: Float, ...parameters: readonly Float[]): Dim {
  const C = x.shape[axisOf(op, x, -1)]!;
  for (const p of parameters)
    if (p.shape.length !== 1 || p.shape[0] !== C)
      throw shapeError(op, `the last axis of ${show(x)} takes parameters [${C}], got ${show(p)}`);
  return C;
}

/** Mean and 1 / √(variance + eps) over the last axis. */
function moments(x: Float, eps: number): readonly [Float, Float] {
  const mu = mean(x, [-1], { keepDims: true });
  return [mu, rsqrt(add(mean(square(sub(x, mu)), [-1], { keepDims: true }), eps))];
}

/** x / √(mean x² + eps) · weight over the last axis (Zhang & Sennrich 2019, arXiv:1910.07467). */
export function rmsNormalize(x: Float, weight: Float, eps: number): Float {
  checkParameters("rmsNormalize", x, weight);
  return mul(div(x, sqrt(add(mean(square(x), [-1], { keepDims: true }), eps))), weight);
}

/** x / √(Σ x² + eps²) over the last axis: rows of length 1. */
export const unitNormalize = (x: Float, eps = 1e-12): Float =>
  div(x, sqrt(add(sum(square(x), [-1], { keepDims: true }), eps * eps)));
