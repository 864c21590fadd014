/**
 * Floating-point operations of a graph: two for each multiply-add of its matrix products and convolutions, as papers on
 * scaling count them (Kaplan et al. 2020, arXiv:2001.08361, §2.1). Everything else is left out; it is little.
 */
import { sizeOf } from "../tensor/dims.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Of computing `outputs` once; every size must be a number. `inputsOf` says what a node is computed from. */
export function flops(outputs: readonly Tensor[], inputsOf?: (x: Tensor) => readonly Tensor[]): number {
  return ofOrder(topologicalOrder(outputs, new Set(), inputsOf), inputsOf);
}

function ofOrder(order: readonly Tensor[], inputsOf?: (x: Tensor) => readonly Tensor[]): number {
  const stacked = new Map<Tensor, Tensor[]>();
  for (const { op, inputs, which } of order)
    if (op === "item" && typeof which === "object")
      stacked.set(inputs[0]!, [...(stacked.get(inputs[0]!) ?? []), which]);
  return order.reduce((total, x) => total + (x.body ? ofScan(x, stacked.get(x) ?? [], inputsOf) : ofNode(x)), 0);
}

function ofNode({ op, inputs, shape }: Tensor): number {
  const [a, b] = inputs;
  if (op === "MatMul" || op === "Gemm") return 2 * elements(shape) * size(a!.shape.at(-1)!); // [M, K] · [K, N]
  if (op === "Conv") return 2 * elements(shape) * elements(b!.shape.slice(1)); // weight [O, C / groups, K …]
  if (op === "ConvTranspose") return 2 * elements(a!.shape) * elements(b!.shape.slice(1)); // weight [C, O / groups, K …]
  return 0;
}

/** Its body as often as it has steps; what it captures is computed outside. */
function ofScan(
  { body, inputs }: Tensor,
  read: readonly Tensor[],
  inputsOf?: (x: Tensor) => readonly Tensor[],
): number {
  const { before, after, slices } = body!;
  const outside = new Set([...before, ...slices, ...inputs.slice(before.length + slices.length)]);
  const inside = topologicalOrder([...after, ...read], outside, inputsOf).filter((x) => !outside.has(x));
  return size(inputs[before.length]!.shape[0]!) * ofOrder(inside, inputsOf);
}

export const elements = (shape: Tensor["shape"]): number => size(sizeOf(shape));

function size(d: Tensor["shape"][number]): number {
  if (typeof d === "string") throw new TypeError(`flops: the size "${d}" is not known before the program runs`);
  return d;
}
