/**
 * Products as onnxruntime computes them fastest; graphs say what they mean, and this is the one place that says otherwise,
 * when they are lowered.
 *
 * A product of a transposed second matrix is one node: the engine reads the matrix where it lies and packs it either way,
 * so a transposed copy would only cost time. A transposed first matrix stays a copy: MLAS is slow without it.
 * A sum over rows is a product with ones: ReduceSum is slower at it, and on two threads slower than on one.
 */
import { sizeOf } from "../tensor/dims.ts";
import { full, matmul, reshape, transpose } from "../tensor/ops/index.ts";
import type { Dim, Float, Tensor } from "../tensor/tensor.ts";
import { within } from "../tensor/trace.ts";

/**
 * What stands for a node when it is lowered. Tensors in `given` are there as they are; so are those that a scan reads from
 * outside, which are made once.
 */
export function fuseProducts(given: Iterable<Tensor>): (x: Tensor) => Tensor {
  const replaced = new Map<Tensor, Tensor>(); // a node has one replacement, however often it is read
  const there = new Set(given);
  const ones = new Map<Dim, Float>();
  const onesOf = (n: Dim): Float => {
    const known = ones.get(n) ?? within("", () => full([1, n], 1));
    ones.set(n, known);
    return known;
  };
  const fast = (x: Tensor): Tensor | undefined => {
    if (x.dtype !== "float32") return undefined;
    if (x.op === "MatMul" || x.op === "Gemm") return ofTransposed(x, (b) => !there.has(b));
    return x.op === "ReduceSum" ? sumOfRows(x as Float, onesOf) : undefined;
  };
  return (x) => {
    if (x.body) for (const i of x.inputs) there.add(i);
    const known = replaced.get(x) ?? fast(x) ?? x;
    replaced.set(x, known);
    return known;
  };
}

function ofTransposed(x: Tensor, isMadeHere: (b: Tensor) => boolean): Tensor | undefined {
  const [a, b, ...c] = x.inputs;
  const columns = b!.inputs[0];
  if (b!.op !== "Transpose" || transpose(b!) !== columns || !isMadeHere(b!)) return undefined;
  const plain = { ...x, inputs: [a!, columns, ...c], attrs: { ...x.attrs, transB: 1 } };
  return x.op === "Gemm" ? plain : { ...plain, op: "FusedMatMul", domain: "com.microsoft" };
}

/** Σ over the first axes, some but not all. */
function sumOfRows(x: Float, onesOf: (n: Dim) => Float): Tensor | undefined {
  const [y, axes] = x.inputs as [Float, Tensor];
  const count = axes.shape[0] as number;
  const isOfRows = count < y.shape.length && x.shape.length === y.shape.length - count;
  if (!isOfRows || Array.from(axes.value!, Number).some((axis, i) => axis !== i)) return undefined;
  const [rows, inner] = [sizeOf(y.shape.slice(0, count)), sizeOf(x.shape)];
  return within(x.scope, () => reshape(matmul(onesOf(rows), reshape(y, [rows, inner])), x.shape));
}
