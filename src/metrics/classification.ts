/** Of predicted labels and probabilities. */
import { checkEqualLengths } from "./lengths.ts";

/** The fraction of predictions that equal their label. Throws for no predictions, or not as many as labels. */
export function accuracy<Label>(predictions: ArrayLike<Label>, labels: ArrayLike<Label>): number {
  checkEqualLengths("accuracy", "labels", predictions, labels);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (predictions[i] === labels[i]) right++;
  return right / labels.length;
}

/** Perplexity: the exponential of the mean negative log-likelihood, which is in nats a token. */
export const perplexity = (meanLoss: number): number => Math.exp(meanLoss);
