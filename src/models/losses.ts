/** What task heads make of their logits: outputs under Hugging Face's names, with the loss where labels are given. */
import {
  add,
  cast,
  crossEntropy,
  type Dim,
  div,
  type Float,
  type Ids,
  logSoftmax,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  notEqual,
  reshape,
  sizes,
  slice,
  softplus,
  square,
  squeeze,
  sub,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import * as field from "./config.ts";

export const labelFields = {
  num_labels: field.labelCount(),
  problem_type: field.optionalOneOf(["regression", "single_label_classification", "multi_label_classification"]),
};
export type Labels = field.ConfigOf<typeof labelFields>;

/** logits [..., n], labels [...] → −log p(label), averaged where the label is not −100: masked tokens, tags, a text's class. */
export const classified = (logits: Float, labels: Ids | undefined) => ({
  logits,
  ...(labels && { loss: crossEntropy(logits, labels) }),
});

/**
 * logits [B, n] and one label a row, by the configuration's `problem_type`: a class [B], a number [B] (or n of them), or
 * a 0 or 1 for each class [B, n]. Without `problem_type` one logit is a number, and labels of floats are several classes.
 */
export function perSequence({ num_labels, problem_type }: Labels, logits: Float, labels: Tensor | undefined) {
  if (!labels) return { logits };
  const type = problem_type ?? (num_labels === 1 ? "regression" : isFloat(labels) ? "multi_label_classification" : "");
  if (type === "regression") return { logits, loss: squaredError(logits, labels) };
  if (type === "multi_label_classification") return { logits, loss: mean(binaryCrossEntropy(logits, labels)) };
  return { logits, loss: crossEntropy(logits, labels as Ids) };
}

/**
 * The same, but without `problem_type`, as DeBERTa's own code has it: labels [B, n] are how much of the row each class has,
 * and of labels [B] those below 0 count for nothing.
 */
export function sharedOut(of: Labels, logits: Float, labels: Tensor | undefined) {
  if (!labels || of.problem_type !== null || of.num_labels === 1) return perSequence(of, logits, labels);
  if (labels.shape.length > 1)
    return { logits, loss: neg(mean(sum(mul(logSoftmax(logits), cast(labels, "float32") as Float), [1]))) };
  const known = maximum(cast(labels, "int64"), -1);
  const count = sum(cast(notEqual(known, -1), "float32"));
  return { logits, loss: div(crossEntropy(logits, known, { ignore: -1, reduction: "sum" }), maximum(count, 1)) };
}

const isFloat = (x: Tensor): boolean => x.dtype.startsWith("float");

const squaredError = (logits: Float, labels: Tensor): Float => {
  const want = cast(labels, "float32") as Float;
  return mean(square(sub(reshape(logits, want.shape), want)));
};

/** −log σ(x) where the label is 1, −log(1 − σ(x)) where it is 0: both are softplus(x) − x · label. */
export const binaryCrossEntropy = (logits: Float, labels: Tensor): Float =>
  sub(softplus(logits), mul(logits, cast(labels, "float32") as Float));

/** Mean of x [B, T] where the mask [B, T] is 1; of all where there is none. */
export function meanOfTokens(x: Float, mask: Ids | undefined): Float {
  if (!mask) return mean(x);
  const counts = cast(mask, "float32") as Float;
  return div(sum(mul(x, counts)), sum(counts));
}

export interface Span {
  /** Where the answer starts and ends [B]; a place behind the row counts for nothing. */
  readonly start_positions?: Ids;
  readonly end_positions?: Ids;
}

/** logits [B, T, 2]: how well an answer could start, and end, at each token; the loss is the mean of both. */
export function answerSpan(logits: Float, { start_positions, end_positions }: Span) {
  const [, T] = sizes(logits, "B T two");
  const [start_logits, end_logits] = [slice(logits, 2, 0, 1), slice(logits, 2, 1, 2)].map((x) => squeeze(x, 2)) as [
    Float,
    Float,
  ];
  if (!start_positions || !end_positions) return { start_logits, end_logits };
  const loss = add(placed(start_logits, start_positions, T), placed(end_logits, end_positions, T));
  return { start_logits, end_logits, loss: div(loss, 2) };
}

const placed = (logits: Float, place: Ids, T: Dim): Float =>
  crossEntropy(logits, minimum(maximum(place, 0), T), { ignore: T });

/** logits [B · choices, 1] → [B, choices], as the question's ids [B, choices, T] have them; labels [B]. */
export function perChoice(scores: Float, ids: Ids, labels: Ids | undefined) {
  const [B, choices] = sizes(ids, "B choices T");
  const logits = reshape(scores, [B, choices]);
  return { logits, ...(labels && { loss: crossEntropy(logits, labels) }) };
}
