/** Matrix products. */
import { sizeOf, times } from "../dims.ts";
import { broadcast, checkFits, type Float, node, shapeError, show, type Tensor } from "../tensor.ts";
import { permute, reshape, transpose } from "./shape.ts";

/** Batched matrix product: [..., M, K] · [..., K, N] → [..., M, N]. */
export function matmul(a: Float, b: Float): Float {
  const [M, K] = a.shape.slice(-2);
  const [K2, N] = b.shape.slice(-2);
  const fail = (why: string) => shapeError("matmul", `cannot multiply ${show(a)} by ${show(b)}: ${why}`);
  if (M === undefined || K === undefined || K2 === undefined || N === undefined) throw fail("a matrix has two axes");
  if (a.dtype !== b.dtype) throw fail(`${a.dtype} ≠ ${b.dtype}`);
  if (K !== K2) throw fail(`${K} ≠ ${K2}`);
  const batch = broadcast("matmul", { ...a, shape: a.shape.slice(0, -2) }, { ...b, shape: b.shape.slice(0, -2) });
  return node("MatMul", [a, b], {
    shape: [...batch, M, N],
    vjp: (dy) => [
      a.shape.length === 2 ? matmul(asColumns(dy), transpose(asColumns(b))) : matmul(dy, transpose(b)),
      b.shape.length === 2 ? productOverRows(asRows(a), asRows(dy)) : productOverRows(a, dy),
    ],
    overTime([A, B], [aStacked, bStacked]) {
      if (aStacked && !bStacked && b.shape.length === 2) return matmul(A as Float, B as Float);
      if (bStacked && !aStacked && a.shape.length === 2) return matmul(A as Float, B as Float);
      return undefined;
    },
    // Σₜ aₜ bₜ is one product over time × K
    sumOverTime() {
      const left = swapped(a);
      const right = swapped(b);
      return {
        operands: [left ?? a, right ?? b],
        terms: [],
        sum: (stack) =>
          matmul(
            left ? transpose(joinRows(stack(left))) : joinColumns(stack(a)),
            right ? transpose(joinColumns(stack(right))) : joinRows(stack(b)),
          ),
      };
    },
  });
}

/** c + a b for matrices, as one node (torch.addmm). */
export function addmm(c: Float, a: Float, b: Float): Float {
  const product = matmul(a, b);
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw shapeError("addmm", `${show(a)} and ${show(b)} are not both matrices`);
  checkFits("addmm", c, product.shape);
  return node("Gemm", [a, b, c], {
    shape: product.shape,
    vjp: (dy) => [...product.vjp!(dy), dy],
  });
}

/** xᵀ y for x [..., N, p] and y [..., N, q]: of two matrices, the narrower is transposed. */
function productOverRows(x: Float, y: Float): Float {
  if (x.shape.length > 2) return matmul(transpose(x), y);
  const [p, q] = [x.shape.at(-1)!, y.shape.at(-1)!];
  const narrower = typeof q === "number" && !(typeof p === "number" && p <= q); // a size not known yet is taken for large
  return narrower ? transpose(matmul(transpose(y), x)) : matmul(transpose(x), y);
}

/** [..., K, N] → [... K, N]: a sum over the batch and K is then one product. */
export const asRows = (x: Float): Float => reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!]);

/** [..., M, K] → [M, ... K]. */
const asColumns = (x: Float): Float => {
  const n = x.shape.length;
  const moved = permute(x, [n - 2, ...Array(n - 2).keys(), n - 1]);
  return reshape(moved, [x.shape.at(-2)!, sizeOf(moved.shape.slice(1))]);
};

/** y, if x is y with its last two axes swapped. */
const swapped = (x: Float): Float | undefined =>
  x.op === "Transpose" && transpose(x) === (x.inputs[0] as Tensor) ? (x.inputs[0] as Float) : undefined;

/** [T, ..., K, N] → [..., T K, N]. */
const joinRows = (x: Float): Float => {
  const n = x.shape.length;
  const moved = permute(x, [...range(1, n - 2), 0, n - 2, n - 1]);
  return reshape(moved, [...x.shape.slice(1, -2), times(x.shape[0]!, x.shape.at(-2)!), x.shape.at(-1)!]);
};

/** [T, ..., M, K] → [..., M, T K]. */
const joinColumns = (x: Float): Float => {
  const n = x.shape.length;
  const moved = permute(x, [...range(1, n - 1), 0, n - 1]);
  return reshape(moved, [...x.shape.slice(1, -1), times(x.shape[0]!, x.shape.at(-1)!)]);
};

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
