/** The check that metrics of two rows of values begin with. */

/** Throws a RangeError for no predictions, or not as many as there are of `what`. */
export function checkEqualLengths(
  metric: string,
  what: string,
  predictions: ArrayLike<unknown>,
  truth: ArrayLike<unknown>,
): void {
  if (predictions.length !== truth.length)
    throw new RangeError(
      `${metric}: ${predictions.length} predictions, but ${truth.length} ${what}; there must be as many`,
    );
  if (truth.length === 0) throw new RangeError(`${metric}: there are no predictions`);
}
