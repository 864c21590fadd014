/** Reverse-mode differentiation: the graph of a loss is walked backwards, and each op adds the nodes of its own VJP. */
import { add } from "./ops/arithmetic.ts";
import { sumTo } from "./ops/reduce.ts";
import { type Float, scalar, show, type Tensor } from "./tensor.ts";
import { within } from "./trace.ts";

/** Every node `outputs` depend on, inputs before users; the walk does not go past the nodes in `until`. */
export function topologicalOrder(
  outputs: readonly Tensor[],
  until: { has(x: Tensor): boolean } = new Set(),
  inputsOf: (x: Tensor) => readonly Tensor[] = (x) => x.inputs,
): Tensor[] {
  const order = new Set<Tensor>();
  for (const output of outputs) {
    const path: { readonly x: Tensor; readonly rest: Tensor[] }[] = []; // a stack of our own: graphs are deep
    const enter = (x: Tensor) => {
      if (!order.has(x)) path.push({ x, rest: until.has(x) ? [] : inputsOf(x).toReversed() });
    };
    enter(output);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next) enter(next);
      else {
        order.add(top.x);
        path.pop();
      }
    }
  }
  return [...order];
}

/** Those of `order` that depend on a node in `roots`, and the roots. */
export function dependents(order: readonly Tensor[], roots: Iterable<Tensor>): Set<Tensor> {
  const found = new Set(roots);
  for (const x of order) if (x.inputs.some((i) => found.has(i))) found.add(x);
  return found;
}

/**
 * New nodes for ∂loss/∂x, one per `x` in `wrt`, each of its x's shape.
 * `ifUnused` gives the gradient of an x that the loss does not depend on; without it, that is an error.
 */
export function grad(
  loss: Float,
  wrt: readonly Float[],
  { ifUnused = refuse }: { readonly ifUnused?: (x: Float) => Float } = {},
): Float[] {
  if (loss.shape.length !== 0) throw new Error(`grad: the loss must be a scalar, got ${show(loss)}`);
  const cotangents = pullBack(topologicalOrder([loss]), new Map([[loss, scalar(1, loss.dtype)]]), wrt);
  return wrt.map((x) => cotangents.get(x) ?? ifUnused(x));
}

function refuse(x: Float): never {
  throw new Error(`grad: the loss does not depend on ${x.op} ${show(x)}`);
}

/** Cotangents of every node in `order` between `seeds`, whose cotangents are given, and `wrt`. */
export function pullBack(
  order: readonly Tensor[],
  seeds: ReadonlyMap<Tensor, Float>,
  wrt: Iterable<Tensor>,
): ReadonlyMap<Tensor, Float> {
  const active = dependents(order, wrt);
  const wanted = (x: Tensor) => active.has(x);
  const cotangent = new Map(seeds);
  const ofItems = new Map<Tensor, Map<Tensor, Float>>();
  for (const y of order.toReversed()) {
    const dy = cotangent.get(y);
    if (dy && y.op === "item") {
      const tuple = y.inputs[0]!;
      ofItems.set(tuple, (ofItems.get(tuple) ?? new Map<Tensor, Float>()).set(y, dy));
      continue;
    }
    if (!y.inputs.some(wanted)) continue;
    const dys = ofItems.get(y);
    within(backward(y.scope), () => {
      const dxs = dys ? y.itemsVjp?.(dys, wanted) : dy && y.vjp?.(dy);
      dxs?.forEach((dx, i) => {
        const x = y.inputs[i]!;
        if (dx === null || !wanted(x)) return;
        const dxShaped = sumTo(dx as Float, x.shape); // undo broadcasting
        const before = cotangent.get(x);
        cotangent.set(x, before ? add(before, dxShaped) : dxShaped);
      });
    });
  }
  return cotangent;
}

/** The path of the nodes that a layer's backward pass is made of: "h.0.attn" → "h.0.attn/grad". */
const backward = (path: string) => (/(^|\/)grad$/.test(path) ? path : path ? `${path}/grad` : "grad");
