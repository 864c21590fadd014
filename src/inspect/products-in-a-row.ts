/**
 * How many matrix products of a graph must wait for one another: the longest chain in which each needs the result of the
 * one before it. No number of processors does them sooner ("sequential operations" of Vaswani et al. 2017,
 * arXiv:1706.03762, table 1, which counts layers).
 */
import { topologicalOrder } from "../tensor/grad.ts";
import type { Tensor } from "../tensor/tensor.ts";

const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "Gemm", "Conv", "ConvTranspose"]);

/** How long the longest chain of products is that ends in each. */
type Chains = Map<Tensor, number>;

/**
 * Of computing `outputs` once. A scan's steps follow one another, and what they stacked is there when the last one is done.
 * Throws a TypeError where their number is not known.
 */
export function productsInARow(outputs: readonly Tensor[]): number {
  const chains: Chains = new Map();
  follow(topologicalOrder(outputs), chains);
  return longest(outputs, chains);
}

/** Fills in what of `order`, inputs before users, is not known. */
function follow(order: readonly Tensor[], chains: Chains): void {
  for (const x of order) {
    if (chains.has(x)) continue;
    chains.set(x, longest(x.inputs, chains) + (PRODUCTS.has(x.op) ? 1 : 0));
    if (x.body) {
      const items = order.filter(({ op, inputs }) => op === "item" && inputs[0] === x);
      followSteps(x, items, chains);
    }
  }
}

/** Fills in a scan's items, step by step: what a step finds is what the one before left. */
function followSteps({ body, inputs }: Tensor, items: readonly Tensor[], chains: Chains): void {
  const { before, after, slices } = body!;
  const captured = inputs.slice(before.length + slices.length);
  const outside: Chains = new Map(captured.map((x) => [x, chains.get(x)!]));
  for (const [i, x] of slices.entries()) outside.set(x, chains.get(inputs[before.length + i]!)!);
  const stacked = items.flatMap(({ which }) => (typeof which === "object" ? [which] : []));
  const inside = topologicalOrder([...after, ...stacked], new Set([...before, ...outside.keys()]));

  const most: Chains = new Map(stacked.map((x) => [x, 0]));
  let carried = before.map((_, i) => chains.get(inputs[i]!)!);
  for (let t = 0; t < steps(inputs[before.length]!); t++) {
    const step: Chains = new Map(outside);
    for (const [i, x] of before.entries()) step.set(x, carried[i]!);
    follow(inside, step);
    carried = after.map((x) => step.get(x)!);
    for (const [x, chain] of most) most.set(x, Math.max(chain, step.get(x)!));
  }
  for (const item of items)
    chains.set(item, typeof item.which === "number" ? carried[item.which]! : most.get(item.which!)!);
}

const longest = (of: readonly Tensor[], chains: Chains): number =>
  of.reduce((most, x) => Math.max(most, chains.get(x)!), 0);

function steps({ shape: [T] }: Tensor): number {
  if (typeof T === "number") return T;
  throw new TypeError(`products in a row: the size "${T}" is not known before the program runs`);
}
