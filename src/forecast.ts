/** What a sequence-regression model says of a series: of rows that are known, and of those to come. */
import type { Series } from "./data/series.ts";
import { windowsBefore } from "./data/series.ts";
import type { LoadedModel } from "./load.ts";
import type { FittedSeries } from "./tasks/sequence-regression.ts";

type Model = Pick<LoadedModel, "run" | "config" | "architecture">;

const AT_ONCE = 256; // windows in a batch

/** What the model was fitted on, from its `config.json`. Throws for a model of another task. */
export function fittedOf({ config, architecture }: Model, fields: Readonly<Record<string, unknown>>): FittedSeries {
  if (architecture !== "SequenceRegressor" || typeof fields["window"] !== "number")
    throw new TypeError(`forecast: the model's head is ${architecture}; train one with --task sequence-regression`);
  return { ...fields, ...config } as unknown as FittedSeries;
}

/** For each target, a row of the series with a whole window before it, what the model makes of that window. */
export async function predictRows(
  model: Model,
  series: Series,
  targets: readonly number[],
  window: number,
): Promise<Float64Array> {
  const predictions = new Float64Array(targets.length);
  for (let first = 0; first < targets.length; first += AT_ONCE) {
    const some = targets.slice(first, first + AT_ONCE);
    const { past } = windowsBefore(series, some, window);
    const dims = [some.length, window, series.columns.length];
    const { prediction } = await model.run({ past_values: { data: past, dims } });
    predictions.set(Array.from(prediction!.data as Float32Array), first);
  }
  return predictions;
}

/**
 * The `horizon` values after the series' end, each predicted from those before it, predicted ones among them. Throws
 * where there is no whole window, and for more than one step of a model that reads further columns: nobody knows theirs.
 */
export async function forecast(
  model: Model,
  series: Series,
  { window, horizon = 1 }: { window: number; horizon?: number },
) {
  const { length } = series.columns[0]!;
  if (length < window)
    throw new RangeError(
      `forecast: the series has ${length} values, but the model reads a window of ${window}; give it more values`,
    );
  if (horizon > 1 && series.columns.length > 1)
    throw new RangeError(
      `forecast: ${horizon} steps are asked for, but the model also reads ${series.names.slice(1).join(", ")}, which nobody knows that far ahead; ask for 1`,
    );
  const values = [...series.columns[0]!.subarray(length - window)];
  const others = series.columns.slice(1).map((column) => column.subarray(length - window));
  const told: number[] = [];
  for (let step = 0; step < horizon; step++) {
    const columns = [Float64Array.from(values.slice(-window)), ...others];
    const [next] = await predictRows(model, { names: series.names, columns }, [window], window);
    told.push(next!);
    values.push(next!);
  }
  return told;
}
