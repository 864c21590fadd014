/**
 * What any model of a series must beat: forecasts one step ahead that need no network. Each is fitted on the rows before
 * `border`, and may look at all rows before the one it predicts.
 */
import type { SeriesSplit } from "../data/series.ts";
import { solve } from "./least-squares.ts";

interface Given extends SeriesSplit {
  /** Steps after which the series is expected to repeat itself. */
  readonly season: number;
  /** How many steps back an autoregression looks. */
  readonly order: number;
}

/** For each row of [border, end), what a forecast makes of the values before it. */
type Forecast = (values: Float64Array, given: Given) => Float64Array;

/** The value before. */
const naive: Forecast = (values, { border, end }) => values.slice(border - 1, end - 1);

/** The value a season before. */
const seasonalNaive: Forecast = (values, { border, end, season }) => values.slice(border - season, end - season);

/** The straight line through the training part, and beyond it. */
function linearRegression(values: Float64Array, { border, end }: Given): Float64Array {
  const line = (row: number) => [1, row / border];
  const seen = Array.from({ length: border }, (_, row) => line(row));
  const fit = solve(seen, values.subarray(0, border));
  return Float64Array.from({ length: end - border }, (_, i) => dot(fit, line(border + i)));
}

/** AR(p): a constant and a weight for each of the p values before, by least squares (Yule 1927). */
function autoregression(values: Float64Array, { border, end, order }: Given): Float64Array {
  const before = (row: number) => [1, ...values.subarray(row - order, row)];
  const seen = Array.from({ length: border - order }, (_, i) => before(order + i));
  const fit = solve(seen, values.subarray(order, border));
  return Float64Array.from({ length: end - border }, (_, i) => dot(fit, before(border + i)));
}

/**
 * Every baseline's forecasts by name; those that the training part is too short for are left out: a season before, and an
 * autoregression with as many numbers to fit as rows to fit them on.
 */
export function baselineForecasts(values: Float64Array, given: Given): Readonly<Record<string, Float64Array>> {
  const { border, season, order } = given;
  return {
    naive: naive(values, given),
    ...(season > 1 && border > season && { [`seasonal naive (${season})`]: seasonalNaive(values, given) }),
    ...(border > 2 && { "linear regression": linearRegression(values, given) }),
    ...(border > 2 * order + 1 && { [`AR(${order})`]: autoregression(values, given) }),
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
