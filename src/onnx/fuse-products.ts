/**
 * Products of a transposed matrix, as onnxruntime has them in one node: the engine reads the matrix where it lies and packs
 * it either way, so a transposed copy of it would only cost time. Graphs say `matmul(a, transpose(b))`; this is the one
 * place that says otherwise, when they are lowered. A transposed first matrix stays a copy: MLAS is slow without it.
 */
import { transpose } from "../tensor/ops/index.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * What stands for a node when it is lowered: itself, or a product that reads its second matrix transposed. Tensors in
 * `given` are there as they are; so are those that a scan reads from outside, which are made once.
 */
export function fuseProducts(given: Iterable<Tensor>): (x: Tensor) => Tensor {
  const fused = new Map<Tensor, Tensor>(); // a node has one replacement, however often it is read
  const there = new Set(given);
  return (x) => {
    if (x.body) for (const i of x.inputs) there.add(i);
    if (!(x.op === "MatMul" || x.op === "Gemm") || x.dtype !== "float32") return x;
    const [a, b, ...c] = x.inputs;
    const columns = b!.inputs[0];
    if (b!.op !== "Transpose" || transpose(b!) !== columns || there.has(b!)) return x;
    const known = fused.get(x);
    if (known) return known;
    const plain = { ...x, inputs: [a!, columns, ...c], attrs: { ...x.attrs, transB: 1 } };
    const product = x.op === "Gemm" ? plain : { ...plain, op: "FusedMatMul", domain: "com.microsoft" };
    fused.set(x, product);
    return product;
  };
}
