/** Series of numbers: which rows are learned from and which are held out, and windows of them as batches. */
import { permute } from "../random/permutation.ts";
import { keyOf } from "../random.ts";

export interface Series {
  /** The column to predict first, then those that help. */
  readonly names: readonly string[];
  /** Each column's numbers, oldest first, all equally many. */
  readonly columns: readonly Float64Array[];
  /** What stands beside each row: its date. */
  readonly labels?: readonly string[];
}

/** Rows before `border` are learned from, those from `border` up to `end` held out. */
export interface SeriesSplit {
  readonly border: number;
  readonly end: number;
}

export interface SplitOptions {
  /** How much is held out, from the end: a share below 1, or a number of rows. */
  readonly held?: number;
  /** The held-out rows in so many parts, one after another, */
  readonly folds?: number;
  /** of which this one, from 1, is held out: all before it is learned from, what follows it is not used. */
  readonly fold?: number;
}

/**
 * A split in time; with folds a rolling one (Tashman 2000, "Out-of-sample tests of forecasting accuracy"): a model is
 * trained for each fold, always on what came before. Throws where a part would be empty.
 */
export function splitSeries(rows: number, { held = 0.2, folds = 1, fold = 1 }: SplitOptions = {}): SeriesSplit {
  const count = held < 1 ? Math.round(rows * held) : held;
  if (!(Number.isInteger(count) && count >= 1 && count < rows))
    throw new RangeError(`series: ${held} of ${rows} rows cannot be held out; give a share in (0, 1) or fewer rows`);
  if (!(Number.isInteger(folds) && folds >= 1 && Number.isInteger(fold) && fold >= 1 && fold <= folds))
    throw new RangeError(`series: there is no fold ${fold} of ${folds}; folds are counted from 1`);
  if (folds > count) throw new RangeError(`series: ${count} held-out rows cannot be cut into ${folds} folds`);
  const start = (i: number) => rows - count + Math.floor((i * count) / folds);
  return { border: start(fold - 1), end: start(fold) };
}

/** Values of all columns before each target, and that: what a model reads, and what it is to say. */
export interface Windows {
  /** [B, T, C], row after row. */
  readonly past: Float32Array;
  /** [B] */
  readonly next: Float32Array;
}

/** For each target, a row of the series, the `window` rows before it. */
export function windowsBefore({ columns }: Series, targets: readonly number[], window: number): Windows {
  const past = new Float32Array(targets.length * window * columns.length);
  let at = 0;
  for (const target of targets)
    for (let row = target - window; row < target; row++) for (const column of columns) past[at++] = column[row]!;
  return { past, next: Float32Array.from(targets, (target) => columns[0]![target] ?? Number.NaN) };
}

/**
 * The targets of batch `index`, from 0: each row of [window, border) once in a pass, in an order of the pass's own. They
 * depend on the seed and the index alone. Throws where the part has no window with a value after it.
 */
export function targetBatches(
  { border, window }: { readonly border: number; readonly window: number },
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): (index: number) => number[] {
  checkWindow(border, window);
  const count = border - window;
  return (index) =>
    Array.from({ length: batchSize }, (_, row) => {
      const place = index * batchSize + row;
      return window + permute(place % count, count, keyOf(seed, "windows", Math.floor(place / count)));
    });
}

/** Throws where not one window with a value after it fits into so many rows. */
export function checkWindow(rows: number, window: number, what = "the training part"): void {
  if (rows <= window)
    throw new RangeError(
      `series: ${what} has ${rows} values, but a window of ${window} and the value after it need ${window + 1}; use a shorter window or more values`,
    );
}

export type Scaling = "standard" | "min-max" | "none";

export interface Fit {
  /** Of each column's values, or of their differences: (x - loc) / scale is what a network sees. */
  readonly loc: readonly number[];
  readonly scale: readonly number[];
}

/**
 * The scaling of each column's first `border` rows, of their differences `difference` steps apart where that is above 0:
 * by mean and standard deviation, or to [0, 1]. The scale of what does not change is 1, as scikit-learn's scalers have it.
 */
export function fitScaling(
  { columns }: Series,
  { border, difference = 0, scaling = "standard" }: { border: number; difference?: number; scaling?: Scaling },
): Fit {
  if (border <= difference)
    throw new RangeError(
      `series: the training part has ${border} values, but differences of ${difference} steps need ${difference + 1}; use shorter ones`,
    );
  const fits = columns.map((column) => {
    const seen = column.subarray(difference, border);
    return fitOf(difference === 0 ? seen : seen.map((x, i) => x - column[i]!), scaling);
  });
  return { loc: fits.map(([loc]) => loc), scale: fits.map(([, scale]) => scale) };
}

function fitOf(values: Float64Array, scaling: Scaling): readonly [loc: number, scale: number] {
  if (scaling === "none") return [0, 1];
  const average = (of: (x: number) => number) => values.reduce((sum, x) => sum + of(x), 0) / values.length;
  if (scaling === "min-max") {
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    return [low, high - low || 1];
  }
  const mean = average((x) => x);
  return [mean, Math.sqrt(average((x) => (x - mean) ** 2)) || 1];
}
