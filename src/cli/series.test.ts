/** A series from file to forecast, as `train`, `evaluate` and `predict` do it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkXml } from "../../test/well-formed.ts";
import { fittedOf, forecast } from "../forecast.ts";
import { specOf } from "../hub/index.ts";
import { load } from "../load.ts";
import { train } from "../train/index.ts";
import { createContext } from "./context.ts";
import { finishSeries, lastRows, openSeries, reportOf, reportTable, type SeriesReport, seriesRun } from "./series.ts";

const root = mkdtempSync(join(tmpdir(), "series-cli-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const out = join(root, "run");
const context = createContext({ json: true }, new AbortController().signal);
const file = (name: string, lines: readonly string[]) => {
  writeFileSync(join(root, name), `${lines.join("\n")}\n`);
  return join(root, name);
};
const wave = (i: number) => 50 + 10 * Math.sin(i / 2);
const data = file("wave.csv", [
  "day,warmth,height",
  ...Array.from({ length: 120 }, (_, i) => `d${i},${i % 2},${wave(i).toFixed(4)}`),
]);
const options = { data: [data], date: "day", window: 8, set: ["hidden_size=12"] };

async function trainTo(folder: string, more: object = {}) {
  const { folder: _, ...run } = await seriesRun({ ...options, ...more });
  const training = { maxSteps: 150, batchSize: 16, learningRate: 1e-2, evalSteps: 0, loggingSteps: 50 };
  for await (const _ of train({ ...run, training, out: folder, threads: 1 }));
  await finishSeries(folder, run.data, context);
}
beforeAll(() => trainTo(out), 60_000);

test("a run's folder holds the model, what it was fitted on, its forecasts beside the baselines', and a figure", () => {
  const config = JSON.parse(readFileSync(join(out, "config.json"), "utf8"));
  expect(config).toMatchObject({ model_type: "sequence-regressor", cell: "lstm", window: 8, columns: ["height"] });
  expect(config.loc[0]).toBeCloseTo(50, 0);
  const report: SeriesReport = JSON.parse(readFileSync(join(out, "series.json"), "utf8"));
  expect(report).toMatchObject({
    name: "height",
    from: 96,
    labels: Array.from({ length: 24 }, (_, i) => `d${96 + i}`),
  });
  expect(Object.keys(report.scores)).toEqual(["lstm", "naive", "linear regression", "AR(8)"]);
  expect(report.scores["lstm"]!["mase"]).toBeLessThan(0.5);
  expect(report.scores["AR(8)"]!["mae"]).toBeLessThan(0.01);
  checkXml(readFileSync(join(out, "series.svg"), "utf8"));
  expect(existsSync(join(out, "tokenizer.json"))).toBe(false);
});

test("--cell chooses the recurrent cell, as --model does, and not both", async () => {
  expect((await seriesRun({ ...options, cell: "gru" })).model.config).toMatchObject({ cell: "gru" });
  expect((await seriesRun({ ...options, model: "rnn" })).model.config).toMatchObject({ cell: "rnn" });
  await expect(seriesRun({ ...options, cell: "gru", model: "rnn" })).rejects.toThrow(
    "--cell and --model say the same of a series; leave one out",
  );
  await expect(seriesRun({ ...options, cell: "grü" })).rejects.toThrow("grü");
});

test("the table has the best first, with the scores of each", () => {
  const report: SeriesReport = JSON.parse(readFileSync(join(out, "series.json"), "utf8"));
  const [head, first] = reportTable(report).split("\n");
  expect(head!.trim().split(/\s+/)).toEqual(["mae", "rmse", "mase", "mse"]);
  expect(first).toMatch(/^AR\(8\)/);
});

test("opened again, the model gives the same forecasts for the same rows", async () => {
  await using model = await load(out, { threads: 1 });
  const { series } = await openSeries(options);
  const again = await reportOf(model, specOf(out).rest, { series, split: lastRows(series, 24) });
  const before: SeriesReport = JSON.parse(readFileSync(join(out, "series.json"), "utf8"));
  expect(again.scores["lstm"]).toEqual(before.scores["lstm"]);
  const all = await reportOf(model, specOf(out).rest, { series, split: lastRows(series, undefined) });
  expect([all.from, all.truth.length]).toEqual([8, 112]);
});

test("a forecast goes on from what it said before", async () => {
  await using model = await load(out, { threads: 1 });
  const { series } = await openSeries(options);
  const told = await forecast(model, series, { window: 8, horizon: 6 });
  expect(await forecast(model, series, { window: 8, horizon: 2 })).toEqual(told.slice(0, 2));
  for (const [i, value] of told.entries()) expect(Math.abs(value - wave(120 + i))).toBeLessThan(4);
  await expect(forecast(model, { names: ["x"], columns: [Float64Array.of(1, 2)] }, { window: 8 })).rejects.toThrow(
    "forecast: the series has 2 values, but the model reads a window of 8; give it more values",
  );
});

test("further columns are read too, but nobody knows them ahead", async () => {
  const folder = join(root, "two");
  await trainTo(folder, { value: "height", inputs: ["warmth"], model: "gru", difference: 1, scaling: "min-max" });
  await using model = await load(folder, { threads: 1 });
  const { series } = await openSeries({ ...options, value: "height", inputs: ["warmth"] });
  expect(fittedOf(model, specOf(folder).rest)).toMatchObject({ input_size: 2, cell: "gru", difference: 1 });
  expect(await forecast(model, series, { window: 8 })).toHaveLength(1);
  await expect(forecast(model, series, { window: 8, horizon: 2 })).rejects.toThrow(
    "forecast: 2 steps are asked for, but the model also reads warmth, which nobody knows that far ahead; ask for 1",
  );
}, 60_000);

describe("what cannot be read or split is refused", () => {
  const short = file("short.csv", ["x", "1", "2", "3", "4", "5"]);
  test.each<[object, string]>([
    [{ data: undefined }, "--data is missing"],
    [{ data: [data, short] }, "--data: a series is one file, but 2 are named"],
    [{ data: ["toy:copy"] }, 'toy: there is no series "copy"; there are count, sine'],
    [{ validation: ["0"] }, '--validation: "0" is neither a share nor a number of rows of the series'],
    [{ validation: ["a.csv"] }, '--validation: "a.csv" is neither a share nor a number of rows of the series'],
    [{ model: "gpt2", set: [] }, "--model: gpt2 does not read series of numbers"],
    [{ fold: "2" }, '--fold: "2" is not i/n'],
    [{ fold: "3/2" }, "series: there is no fold 3 of 2; folds are counted from 1"],
    [
      { data: [short], date: undefined },
      "series: the training part has 4 values, but a window of 8 and the value after it need 9; use a shorter window or more values",
    ],
    [{ value: "day" }, 'row 2, column "day": "d0" is not a number'],
  ])("%j", async (more, message) => {
    await expect(seriesRun({ ...options, ...more })).rejects.toThrow(message);
  });
});
