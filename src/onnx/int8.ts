/**
 * Training with int8 products: how a graph is lowered, and nothing that a model knows. The products of linear layers,
 * forwards and for the input's gradient, are of 8-bit numbers (SwitchBack, Wortsman et al. 2023, arXiv:2304.13013); in
 * the weight's gradient Xᵀ dY, dY is the sum of two such matrices, without which the loss ends higher. The weights that
 * are trained stay float32, and so does all that is no such product. docs/precision.md says what was measured.
 *
 * A linear layer is known by its weight, a factor that is made of parameters alone. Its quantised form does not vary
 * over the steps of a scan, and is made outside of it.
 */
import { add, transpose } from "../tensor/ops/index.ts";
import type { Float, Tensor } from "../tensor/tensor.ts";
import { within } from "../tensor/trace.ts";
import { factorsOf, logitsIn, originOf, weightsIn } from "./int8-products.ts";
import { createQuantizer } from "./int8-quantizer.ts";
import { type Actual, biasOf, countUses, isBias, orderOf, walkedIn } from "./reads.ts";

/** What is smaller is as fast in float32: a weight with fewer rows, columns or entries, the gradient of one with fewer. */
const LEAST = { side: 64, entries: 1 << 13, gradient: 1 << 17 };

/** What stands for each node that these outputs depend on: what stood for it before, or a product of int8. */
export function int8Products(outputs: readonly Tensor[], actual: Actual): Actual {
  const order = orderOf(outputs, actual);
  const isWeight = weightsIn(order, actual);
  const walked = walkedIn(order);
  const quantized = createQuantizer(actual, walked);
  const replaced = new Map<Tensor, Tensor>();
  const replace = (x: Tensor, by: () => Float) => replaced.set(x, within(x.scope, by));

  /** y = x W forwards, dX = dY Wᵀ backwards. */
  const layers = new Map<Tensor, { readonly x: Float; readonly weight: Float; readonly added: Float | undefined }>();
  for (const y of order) {
    const { a, b, c } = factorsOf(y, actual) ?? {};
    if (a && b && !isWeight(a) && isWeight(b) && isLarge(b)) layers.set(y, { x: a, weight: b, added: c });
  }
  const ofLogits = weightsOfLogits(
    [...logitsIn(order, actual)].flatMap((y) => layers.get(y)?.weight ?? []),
    actual,
  );
  const product = (x: Float, weight: Float, bias?: Float) =>
    quantized.product(x, weight, { bias, fine: ofLogits(weight) });
  for (const [y, { x, weight, added }] of layers)
    replace(y, () => (added && !isBias(added, y.shape) ? add(product(x, weight), added) : product(x, weight, added)));
  const uses = countUses(order, outputs, actual);
  for (const sum of order) {
    const { of, bias } = biasOf(sum, actual) ?? {};
    const layer = of && uses.get(of) === 1 && !walked.has(of) && layers.get(of);
    if (layer && !layer.added) replace(sum, () => product(layer.x, layer.weight, bias));
  }

  const origin = (x: Tensor) => originOf(x, actual);
  const origins = new Set([...layers.values()].map(({ x }) => origin(x)));
  const position = new Map(order.map((x, i) => [x, i]));
  for (const dW of order) {
    const { a, b, c } = factorsOf(dW, actual) ?? {};
    if (!a || !b || c || layers.has(dW) || !isWeightGradient(dW)) continue;
    const left = transpose(a); // [rows, in]
    const swapped = position.get(origin(left))! > position.get(origin(b))!; // the cotangent is the one that is made later
    const [x, dy] = swapped ? [b, left] : [left, b];
    if (!origins.has(origin(x))) continue;
    replace(dW, () => (swapped ? transpose(quantized.gradient(x, dy)) : quantized.gradient(x, dy)));
  }
  return (x) => replaced.get(actual(x)) ?? actual(x);
}

/** Weights that logits were made with: read the other way round, they multiply the logits' cotangent. */
function weightsOfLogits(weights: readonly Float[], actual: Actual): (weight: Float) => boolean {
  const stored = (w: Tensor) => (w.op === "Transpose" ? actual(w.inputs[0]!) : w);
  const read = { plain: new Set<Tensor>(), turned: new Set<Tensor>() };
  for (const w of weights) (w.op === "Transpose" ? read.turned : read.plain).add(stored(w));
  return (w) => (w.op === "Transpose" ? read.plain : read.turned).has(stored(w));
}

function isLarge({ shape: [rows, columns, more] }: Tensor): boolean {
  if (typeof rows !== "number" || typeof columns !== "number" || more !== undefined) return false;
  return rows >= LEAST.side && columns >= LEAST.side && rows * columns >= LEAST.entries;
}

const isWeightGradient = ({ scope, shape: [rows, columns, more], inputs }: Tensor): boolean =>
  /(^|\/)grad$/.test(scope) &&
  inputs.every(({ shape }) => shape.length === 2) &&
  more === undefined &&
  Number(rows) * Number(columns) >= LEAST.gradient; // of a size that is a word this is NaN
