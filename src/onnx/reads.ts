/** What the nodes of a graph read, and how often each is read. */
import { topologicalOrder } from "../tensor/grad.ts";
import type { Tensor } from "../tensor/tensor.ts";

type Actual = (x: Tensor) => Tensor;

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
