/** Errors of predicted numbers. Each throws for no predictions, or not as many as there are true values. */
import { checkEqualLengths } from "./lengths.ts";

type Numbers = ArrayLike<number>;

/** Mean squared error. */
export const mse = (predictions: Numbers, truth: Numbers): number => meanOf("mse", predictions, truth, (e) => e * e);

/** Mean absolute error. */
export const mae = (predictions: Numbers, truth: Numbers): number => meanOf("mae", predictions, truth, Math.abs);

/** The root of the mean squared error, in the values' own unit. */
export const rmse = (predictions: Numbers, truth: Numbers): number =>
  Math.sqrt(meanOf("rmse", predictions, truth, (e) => e * e));

/**
 * Mean absolute scaled error (Hyndman and Koehler 2006, "Another look at measures of forecast accuracy"): the mean
 * absolute error over that of the forecast "as `season` steps ago" within `history`, the training part. Below 1 is
 * better than that. Throws for a history that is no longer than a season, or that repeats itself exactly.
 */
export function mase(
  predictions: Numbers,
  truth: Numbers,
  { history, season = 1 }: { readonly history: Numbers; readonly season?: number },
): number {
  return meanOf("mase", predictions, truth, Math.abs) / naiveError(history, season);
}

/** What `mase` divides by: the mean absolute difference of values `season` steps apart. */
export function naiveError(history: Numbers, season = 1): number {
  if (!(Number.isInteger(season) && season >= 1))
    throw new RangeError(`mase: a season is ${season} steps, but must be a whole number ≥ 1`);
  if (history.length <= season)
    throw new RangeError(
      `mase: the history has ${history.length} values, but a season of ${season} needs ${season + 1}`,
    );
  let sum = 0;
  for (let t = season; t < history.length; t++) sum += Math.abs(history[t]! - history[t - season]!);
  if (sum === 0)
    throw new RangeError(
      `mase: the history repeats itself every ${season} steps, so that the naive forecast has no error to scale by`,
    );
  return sum / (history.length - season);
}

function meanOf(metric: string, predictions: Numbers, truth: Numbers, cost: (error: number) => number): number {
  checkEqualLengths(metric, "true values", predictions, truth);
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += cost(predictions[i]! - truth[i]!);
  return sum / truth.length;
}
