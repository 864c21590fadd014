/** Sequence regression: the next number of a series from a window of those before it. */
import {
  checkWindow,
  type Fit,
  fitScaling,
  type Scaling,
  type Series,
  type SeriesSplit,
  targetBatches,
  windowsBefore,
} from "../data/series.ts";
import { mae, mse, naiveError, rmse } from "../metrics/index.ts";
import { forward } from "../models/index.ts";
import type { Float } from "../tensor/tensor.ts";
import type { Batch, Counted, Task } from "./task.ts";

export interface SeriesData {
  readonly series: Series;
  readonly split: SeriesSplit;
}

export interface SequenceRegressionOptions {
  /** How many steps a model looks back. */
  readonly window?: number;
  /** Learn the change since so many steps ago; 0: the value itself. */
  readonly difference?: number;
  readonly scaling?: Scaling;
  /** Steps after which the series is expected to repeat itself: what MASE compares with. */
  readonly season?: number;
}

/** What is known of the training part; it stands in the model's `config.json`. */
export interface FittedSeries extends Fit {
  readonly input_size: number;
  readonly difference: number;
  readonly window: number;
  readonly scaling: Scaling;
  readonly season: number;
  /** What MASE divides by: the naive forecast's mean absolute error a season ahead; null where it has none. */
  readonly naive_error: number | null;
  /** The columns' names: the one to predict, then the others. */
  readonly columns: readonly string[];
}

/** Fits scaling and MASE's scale on the training part only. Throws where it is too short for a window and its value. */
export function fitSeries(
  { series, split: { border } }: SeriesData,
  { window = 24, difference = 0, scaling = "standard", season = 1 }: SequenceRegressionOptions = {},
): FittedSeries {
  for (const [name, size] of Object.entries({ window, season }))
    if (!(Number.isInteger(size) && size >= 1))
      throw new RangeError(`sequence-regression: ${name} is ${size}, but must be a whole number ≥ 1`);
  if (!(Number.isInteger(difference) && difference >= 0 && difference < window))
    throw new RangeError(
      `sequence-regression: differences of ${difference} steps do not fit into a window of ${window}; use a longer window`,
    );
  checkWindow(border, window);
  return {
    input_size: series.columns.length,
    difference,
    window,
    scaling,
    season,
    naive_error: errorOf(series.columns[0]!.subarray(0, border), season),
    columns: series.names,
    ...fitScaling(series, { border, difference, scaling }),
  };
}

/** Null for a history that repeats itself exactly, or is no longer than a season: MASE is then not defined. */
function errorOf(history: Float64Array, season: number): number | null {
  try {
    return naiveError(history, season);
  } catch {
    return null;
  }
}

/** A model that learns `fitSeries`' data; its loss is the mean squared error in units of the scaling. */
export function sequenceRegression(fitted: FittedSeries): Task<SeriesData> {
  const { window, input_size, scale } = fitted;
  return {
    name: "sequence-regression",
    settings: { window },
    batch: {
      past_values: { dtype: "float32", shape: ["batch", window, input_size] },
      labels: { dtype: "float32", shape: ["batch"] },
    },
    loss: (model, { past_values, labels }): Float =>
      forward(model, { past_values: past_values!, labels: labels! })["loss"]!,
    metrics: (loss) => ({ mse: loss * scale[0]! ** 2, rmse: Math.sqrt(loss) * scale[0]! }),
    requirements: () => ({ vocabulary: 0, positions: 0, config: { ...fitted } }),
    generation: () => ({}),
    async open({ series, split }, _, { batchSize, seed }) {
      const targets = targetBatches({ border: split.border, window }, { batchSize, seed });
      const batch = (rows: readonly number[]) => batchOf(series, rows, window);
      return {
        trainExamples: split.border - window,
        tokensPerBatch: batchSize * window,
        batches: (step, count) => Array.from({ length: count }, (_, i) => batch(targets((step - 1) * count + i))),
        *validation(): Generator<Counted> {
          for (const rows of heldOut(split, window, batchSize)) yield { batch: batch(rows), count: rows.length };
        },
      };
    },
  };
}

/** The held-out rows that have a window before them, some at a time. */
export function* heldOut({ border, end }: SeriesSplit, window: number, batchSize = 256): Generator<number[]> {
  for (let first = Math.max(border, window); first < end; first += batchSize)
    yield Array.from({ length: Math.min(batchSize, end - first) }, (_, i) => first + i);
}

function batchOf(series: Series, targets: readonly number[], window: number): Batch {
  const { past, next } = windowsBefore(series, targets, window);
  return {
    past_values: { dtype: "float32", dims: [targets.length, window, series.columns.length], data: past },
    labels: { dtype: "float32", dims: [targets.length], data: next },
  };
}

/** Errors of predictions in the series' own unit; MASE where the training part defines it. */
export function seriesScores(
  predictions: ArrayLike<number>,
  truth: ArrayLike<number>,
  { naive_error }: Pick<FittedSeries, "naive_error">,
): Readonly<Record<string, number>> {
  const absolute = mae(predictions, truth);
  return {
    mae: absolute,
    rmse: rmse(predictions, truth),
    ...(naive_error !== null && { mase: absolute / naive_error }),
    mse: mse(predictions, truth),
  };
}
