/** What `train`, `evaluate` and `predict` are told of series of numbers, and what they tell. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Scaling, type Series, type SeriesSplit, type SplitOptions, splitSeries } from "../data/series.ts";
import { readSeries } from "../data/series-file.ts";
import { toySeries } from "../data/toy/series.ts";
import { fittedOf, predictRows } from "../forecast.ts";
import { writeFileAtomic } from "../formats/index.ts";
import { specOf } from "../hub/index.ts";
import { seriesSvg } from "../inspect/figures/series.ts";
import { type LoadedModel, load } from "../load.ts";
import type { ModelSpec } from "../models/index.ts";
import { fitSeries, heldOut, type SeriesData, sequenceRegression, seriesScores } from "../tasks/sequence-regression.ts";
import { baselineForecasts } from "../tasks/series-baselines.ts";
import { noTokenizer } from "../tokenizers/none.ts";
import { fingerprintFile, fingerprintText } from "../train/fingerprint.ts";
import type { DataFiles } from "../train/run-files.ts";
import type { Context } from "./context.ts";
import { UserError } from "./errors.ts";
import { chooseModel, type ModelOptions } from "./model-choice.ts";
import { table } from "./ui/table.ts";
import { measure } from "./ui/words.ts";
import { list, wholeNumber } from "./values.ts";

export interface SeriesFileOptions {
  readonly data?: readonly string[];
  readonly value?: string;
  readonly inputs?: readonly string[];
  readonly date?: string;
  readonly columns?: string;
  readonly encoding?: string;
}
export interface SeriesOptions extends SeriesFileOptions, ModelOptions {
  readonly validation?: readonly string[];
  readonly model?: string;
  readonly cell?: string;
  readonly window?: number;
  readonly difference?: number;
  readonly scaling?: Scaling;
  readonly season?: number;
  readonly fold?: string;
}

/** The columns of a file of numbers. */
export const seriesFileOptions = (command: Command): Command =>
  command
    .option("--value <column>", "of a series: the column to predict (default: the last)")
    .option("--inputs <columns>", "of a series: further columns to read, with commas between them", list)
    .option("--date <column>", "of a series: the column of dates");

export const seriesOptions = (command: Command): Command =>
  seriesFileOptions(command)
    .option("--window <n>", "of a series: steps that a model looks back (default: 24)", wholeNumber({ low: 1 }))
    .option("--difference <n>", "of a series: learn changes since n steps ago (default: 0, values)", wholeNumber())
    .addOption(
      new Option("--scaling <name>", "of a series, fitted on the training part").choices([
        "standard",
        "min-max",
        "none",
      ]),
    )
    .option("--season <n>", "of a series: steps until it repeats itself (default: 1, never)", wholeNumber({ low: 1 }))
    .option("--fold <i/n>", "of a series: hold out part i of n of the --validation rows, train on all before it");

/** The series that --data names: one file, or toy:count, toy:sine. Throws for what is missing or wrong in it. */
export async function openSeries({ data, columns, encoding, ...options }: SeriesFileOptions) {
  if (!data)
    throw new UserError("--data is missing", { remedy: "name a file with a column of numbers: --data sales.csv" });
  if (data.length > 1) throw new UserError(`--data: a series is one file, but ${data.length} are named`);
  const [name] = data as readonly [string];
  if (name.startsWith("toy:")) {
    const series = toySeries(name.slice("toy:".length));
    return { series, files: { train: [fingerprintText(JSON.stringify([...series.columns[0]!]), name)] } };
  }
  const told = {
    ...(columns !== undefined && { columns: columns.split(",") }),
    ...(encoding !== undefined && { encoding }),
  };
  const series = await readSeries(name, { ...options, ...told });
  return { series, files: { train: [fingerprintFile(name)] } };
}

export interface SeriesRun {
  readonly model: ModelSpec;
  readonly folder?: string;
  readonly tokenizer: typeof noTokenizer;
  readonly task: ReturnType<typeof sequenceRegression>;
  readonly data: SeriesData;
  readonly dataFiles: DataFiles;
}

/** Opened, split and fitted. */
export async function seriesRun(options: SeriesOptions): Promise<SeriesRun> {
  const { series, files } = await openSeries(options);
  const data = { series, split: splitSeries(series.columns[0]!.length, splitOptions(options)) };
  const { window, difference, scaling, season, cell = "lstm", model = cell, set = [] } = options;
  const cells = ["rnn", "lstm", "gru"];
  if (options.cell !== undefined && options.model !== undefined)
    throw new UserError("--cell and --model say the same of a series; leave one out");
  const chosen = cells.includes(model)
    ? await chooseModel("sequence-regressor", { ...options, set: [`cell=${model}`, ...set] })
    : await chooseModel(model, options);
  if (!Object.values(chosen.spec.architecture.heads).some(({ task }) => task === "sequence-regression"))
    throw new UserError(`--model: ${model} does not read series of numbers`, {
      remedy: `choose ${cells.join(", ")}, or the folder of one that was trained on a series`,
    });
  const fitted = fitSeries(data, {
    ...(window !== undefined && { window }),
    ...(difference !== undefined && { difference }),
    ...(scaling !== undefined && { scaling }),
    ...(season !== undefined && { season }),
  });
  return {
    model: chosen.spec,
    ...(chosen.folder !== undefined && { folder: chosen.folder }),
    tokenizer: noTokenizer,
    task: sequenceRegression(fitted),
    data,
    dataFiles: files,
  };
}

function splitOptions({ validation, fold }: SeriesOptions): SplitOptions {
  const [held, ...others] = validation ?? [];
  if (others.length > 0 || (held !== undefined && !(Number(held) > 0)))
    throw new UserError(
      `--validation: "${validation!.join(" ")}" is neither a share nor a number of rows of the series`,
    );
  const parts = fold === undefined ? undefined : /^(\d+)\/(\d+)$/.exec(fold);
  if (fold !== undefined && !parts) throw new UserError(`--fold: "${fold}" is not i/n`, { remedy: "write --fold 1/5" });
  return {
    ...(held !== undefined && { held: Number(held) }),
    ...(parts && { fold: Number(parts[1]), folds: Number(parts[2]) }),
  };
}

/** A model's and the baselines' one-step-ahead forecasts of the same held-out rows, and how good they are. */
export interface SeriesReport {
  readonly name: string;
  /** The rows that were forecast: from `from` on. */
  readonly from: number;
  readonly truth: readonly number[];
  readonly labels?: readonly string[];
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly predictions: Readonly<Record<string, readonly number[]>>;
}

export async function reportOf(
  model: LoadedModel,
  fields: Readonly<Record<string, unknown>>,
  { series, split }: SeriesData,
): Promise<SeriesReport> {
  const fitted = fittedOf(model, fields);
  const { window, season } = fitted;
  const rows = [...heldOut(split, window)].flat();
  if (rows.length === 0)
    throw new UserError(`series: ${split.end} rows are too few for a window of ${window} and the value after it`);
  const [values, from] = [series.columns[0]!, rows[0]!];
  const truth = values.slice(from, split.end);
  const all = {
    [String(model.config["cell"])]: await predictRows(model, series, rows, window),
    ...baselineForecasts(values, { border: from, end: split.end, season, order: window }),
  };
  const each = <T>(of: (forecasts: Float64Array) => T) =>
    Object.fromEntries(Object.entries(all).map(([name, forecasts]) => [name, of(forecasts)]));
  return {
    name: series.names[0]!,
    from,
    truth: [...truth],
    ...(series.labels && { labels: series.labels.slice(from, split.end) }),
    scores: each((forecasts) => seriesScores(forecasts, truth, fitted)),
    predictions: each((forecasts) => [...forecasts]),
  };
}

/** The models beside each other, best first. */
export function reportTable({ scores }: SeriesReport): string {
  const names = [...new Set(Object.values(scores).flatMap(Object.keys))];
  const rows = Object.entries(scores).sort(([, a], [, b]) => a["mae"]! - b["mae"]!);
  const cells = rows.map(([model, of]) => [model, ...names.map((name) => (name in of ? measure(of[name]!) : ""))]);
  return table([["", ...names], ...cells], `l${"r".repeat(names.length)}`);
}

/** The model and the best baseline against what came. */
export function reportFigure({ name, from, truth, labels, scores, predictions }: SeriesReport): string {
  const [model, ...baselines] = Object.keys(predictions);
  const best = baselines.sort((a, b) => scores[a]!["mae"]! - scores[b]!["mae"]!)[0];
  return seriesSvg({
    title: `${name}: ${truth.length} held-out rows, one step ahead`,
    unit: name,
    truth,
    first: from,
    predictions: [model!, ...(best === undefined ? [] : [best])].map((of) => ({
      name: of,
      from,
      values: predictions[of]!,
    })),
    ...(labels && { labels: [...new Array<string>(from), ...labels] }),
  });
}

/** After training: the table for people, and report and figure in the run's folder. */
export async function finishSeries(out: string, data: SeriesData, context: Context): Promise<void> {
  await using model = await load(out);
  const report = await reportOf(model, specOf(out).rest, data);
  writeFileAtomic(join(out, "series.json"), `${JSON.stringify(report)}\n`);
  writeFileAtomic(join(out, "series.svg"), reportFigure(report));
  context.print(`\nOne step ahead on ${report.truth.length} held-out rows:\n${reportTable(report)}`);
}

/** The last so many rows of a series that `evaluate` is given; all that have a window before them unless told. */
export const lastRows = (series: Series, last: number | undefined): SeriesSplit => {
  const rows = series.columns[0]!.length;
  return { border: last === undefined ? 0 : Math.max(0, rows - last), end: rows };
};
