/** The losses that models share. */
import { type Dim, type Float, type Ids, shapeError, show } from "../tensor.ts";
import { add, div, mul, neg } from "./arithmetic.ts";
import { cast, notEqual, where } from "./compare.ts";
import { pick } from "./gather.ts";
import { logSoftmax } from "./normalize.ts";
import { mean, sum } from "./reduce.ts";

/**
 * −log of the probability that `logits` [..., V] give to `labels` [...]; labels equal to `ignore` count for nothing.
 * With `labelSmoothing` ε, the target is 1 − ε on the label and ε / V on every class (Szegedy et al. 2016,
 * arXiv:1512.00567, §7). `reduction`: "mean" over the labels that count (NaN if none does), "sum", or "none" [...].
 * Equals torch.nn.functional.cross_entropy.
 */
export function crossEntropy(
  logits: Float,
  labels: Ids,
  {
    ignore = -100,
    labelSmoothing = 0,
    reduction = "mean",
  }: {
    readonly ignore?: Dim;
    readonly labelSmoothing?: number;
    readonly reduction?: "mean" | "sum" | "none";
  } = {},
): Float {
  const rows = logits.shape.slice(0, -1);
  if (String(rows) !== String(labels.shape) || rows.length !== labels.shape.length)
    throw shapeError("crossEntropy", `logits ${show(logits)} take labels [${rows.join(", ")}], got ${show(labels)}`);
  const counts = notEqual(labels, ignore);
  const logProbs = logSoftmax(logits); // [..., V]
  let target = pick(logProbs, where(counts, labels, 0)); // [...]
  if (labelSmoothing > 0) target = add(mul(1 - labelSmoothing, target), mul(labelSmoothing, mean(logProbs, [-1])));
  const losses = where(counts, neg(target), 0);
  if (reduction === "none") return losses;
  return reduction === "sum" ? sum(losses) : div(sum(losses), sum(cast(counts, logits.dtype)));
}
