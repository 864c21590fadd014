/**
 * Products as onnxruntime computes them fastest; graphs say what they mean, and this is the one place that says otherwise,
 * when they are lowered.
 *
 * A product of a transposed second matrix is one node: the engine reads the matrix where it lies and packs it either way,
 * so a transposed copy would only cost time. A transposed first matrix stays a copy, because MLAS is slow without it; but
 * in a batch of products, attention's heads, the copies cost about what they save, and on two threads more.
 * A product and the bias that is added to it stay two nodes: in one, the engine first copies the bias to every row, on one
 * thread, and takes a tenth longer.
 * A sum over rows is a product with ones: ReduceSum is slower at it, and on two threads slower than on one.
 */
import { sizeOf } from "../tensor/dims.ts";
import { full, matmul, reshape, transpose } from "../tensor/ops/index.ts";
import { type Dim, type Float, sameShape, type Tensor } from "../tensor/tensor.ts";
import { within } from "../tensor/trace.ts";
import { type Actual, orderOf } from "./reads.ts";

/**
 * What stands for a node when it is lowered, where `before` stood for it. Tensors in `given` are there as they are; so are
 * those that a scan reads from outside, which are made once.
 */
export function fuseProducts(outputs: readonly Tensor[], before: Actual, given: Iterable<Tensor>): Actual {
  const replaced = new Map<Tensor, Tensor>(); // a node has one replacement, however often it is read
  const order = orderOf(outputs, before);
  const ofScans = order.flatMap(({ body, inputs }) => (body ? [...body.slices, ...inputs] : []));
  const there = new Set([...given, ...ofScans.map(before)]);
  const ones = new Map<Dim, Float>();
  const onesOf = (n: Dim): Float => {
    const known = ones.get(n) ?? within("", () => full([1, n], 1));
    ones.set(n, known);
    return known;
  };
  const isMadeHere = (y: Tensor) => !there.has(y);
  const fast = (x: Tensor): Tensor | undefined => {
    if (x.op === "Reshape") return there.has(before(x.inputs[0]!)) ? undefined : ofReshaped(x, actual);
    if (x.dtype !== "float32") return undefined;
    if (x.op === "MatMul" || x.op === "Gemm") return ofTransposed(x, isMadeHere);
    return x.op === "ReduceSum" ? sumOfRows(x as Float, onesOf) : undefined;
  };
  const actual = (y: Tensor): Tensor => {
    const x = before(y);
    const known = replaced.get(x) ?? fast(x) ?? x;
    replaced.set(x, known);
    return known;
  };
  return actual;
}

const FUSED = { op: "FusedMatMul", domain: "com.microsoft" } as const;

function ofTransposed(x: Tensor, isMadeHere: (y: Tensor) => boolean): Tensor | undefined {
  const untransposed = (y: Tensor) => (isMadeHere(y) ? rowsOf(y) : undefined);
  const [a, b, ...c] = x.inputs as [Tensor, Tensor, ...Tensor[]];
  const rows = x.op === "MatMul" && a.shape.length > 2 && b.shape.length > 2 ? untransposed(a) : undefined;
  const columns = untransposed(b);
  if (!rows && !columns) return undefined;
  const attrs = { ...x.attrs, ...(rows && { transA: 1 }), ...(columns && { transB: 1 }) };
  return { ...x, ...(x.op === "MatMul" && FUSED), inputs: [rows ?? a, columns ?? b, ...c], attrs };
}

/**
 * A tensor whose last two axes exchanged are y's, where that leaves the numbers in rows as they lie: what y was made of, or
 * for keys [B, T, H, D] of which y is [B, H, D, T], that as [B, H, T, D], which is cheaper to make and others read as well.
 */
function rowsOf(y: Tensor): Tensor | undefined {
  const perm = y.op === "Transpose" ? (y.attrs["perm"] as readonly number[]) : [];
  return perm.at(-2) === perm.length - 1 ? transpose(y) : undefined;
}

/** A reshape of what was reshaped before, or back to what that was. */
function ofReshaped(x: Tensor, actual: Actual): Tensor | undefined {
  const y = actual(x.inputs[0]!);
  if (y.op !== "Reshape") return undefined;
  const first = actual(y.inputs[0]!);
  return sameShape(first.shape, x.shape) ? first : { ...x, inputs: [first, x.inputs[1]!] };
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
