/** What the nodes of a graph read, how often each is read, and what is read together. */
import { topologicalOrder } from "../tensor/grad.ts";
import { type Float, sameShape, type Tensor } from "../tensor/tensor.ts";

/** What stands for a node when it is lowered. */
export type Actual = (x: Tensor) => Tensor;

/** A node's inputs, and inside of scans what a step leaves and what is stacked. */
export const reads = ({ inputs, which, body }: Tensor): readonly Tensor[] => [
  ...inputs,
  ...(body?.after ?? []),
  ...(typeof which === "object" ? [which] : []),
];

/** All that these outputs depend on, inputs before users, also inside of scans. */
export const orderOf = (outputs: readonly Tensor[], actual: Actual): Tensor[] =>
  topologicalOrder(outputs.map(actual), undefined, (x) => reads(x).map(actual));

/** How often each tensor of `order` is read; to be given out counts too. */
export function countUses(order: readonly Tensor[], outputs: readonly Tensor[], actual: Actual): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const x of [...outputs, ...order.flatMap(reads)].map(actual)) uses.set(x, (uses.get(x) ?? 0) + 1);
  return uses;
}

/** Tensors that scans walk along: in their steps, what these were made of is not there. */
export const walkedIn = (order: readonly Tensor[]): Set<Tensor> =>
  new Set(order.flatMap(({ body }) => body?.slices ?? []));

/** The sum of a product and a vector, one number for each column. */
export function biasOf({ op, inputs, shape }: Tensor, actual: Actual): { of: Tensor; bias: Float } | undefined {
  if (op !== "Add") return undefined;
  const [one, two] = inputs.map(actual) as [Float, Float];
  for (const [of, bias] of [
    [one, two],
    [two, one],
  ] as const)
    if (isBias(bias, of.shape) && sameShape(of.shape, shape)) return { of, bias };
  return undefined;
}

export const isBias = (x: Tensor, shape: Tensor["shape"]): boolean =>
  x.shape.length === 1 && shape.length > 1 && x.shape[0] === shape.at(-1);
