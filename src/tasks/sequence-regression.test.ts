import { describe, expect, test } from "vitest";
import { type Series, splitSeries } from "../data/series.ts";
import { toySeries } from "../data/toy/series.ts";
import { noTokenizer } from "../tokenizers/none.ts";
import { fitSeries, heldOut, sequenceRegression, seriesScores } from "./sequence-regression.ts";

const series = toySeries("count,length=20");
const split = splitSeries(20, { held: 5 });
const fitted = fitSeries({ series, split }, { window: 4, season: 2 });

test("what is fitted is of the training part only, and goes into config.json", () => {
  expect(fitted).toMatchObject({ input_size: 1, window: 4, difference: 0, scaling: "standard", columns: ["count"] });
  expect(fitted.loc).toEqual([8]); // the mean of 1 … 15
  expect(fitted.naive_error).toBe(2);
  expect(sequenceRegression(fitted).requirements(noTokenizer).config).toEqual(fitted);
});

test("batches are windows of the training part and the values after them", async () => {
  const dataset = await sequenceRegression(fitted).open({ series, split }, noTokenizer, { batchSize: 11, seed: 0 });
  expect(dataset.trainExamples).toBe(11);
  const [batch] = await dataset.batches(1, 1);
  const { past_values, labels } = batch!;
  expect(past_values!.dims).toEqual([11, 4, 1]);
  for (let row = 0; row < 11; row++) {
    const label = labels!.data[row] as number;
    expect([...past_values!.data.slice(4 * row, 4 * row + 4)]).toEqual([4, 3, 2, 1].map((back) => label - back));
  }
  expect([...labels!.data].map(Number).sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
});

test("every held-out row is evaluated once, with what came before it", async () => {
  const dataset = await sequenceRegression(fitted).open({ series, split }, noTokenizer, { batchSize: 2, seed: 0 });
  const all = [];
  for await (const { batch, count } of dataset.validation!()) {
    expect(batch["labels"]!.dims).toEqual([count]);
    all.push(...batch["labels"]!.data);
  }
  expect(all).toEqual([16, 17, 18, 19, 20]);
  expect([...heldOut({ border: 0, end: 9 }, 4, 3)]).toEqual([
    [4, 5, 6],
    [7, 8],
  ]);
});

test("the loss is in units of the scaling, the metrics in those of the series", () => {
  const { mse, rmse } = sequenceRegression(fitted).metrics(0.25, {});
  expect(mse).toBeCloseTo(0.25 * fitted.scale[0]! ** 2, 9);
  expect(rmse).toBeCloseTo(0.5 * fitted.scale[0]!, 9);
});

test("scores are the references', and MASE is left out where the training part repeats itself", () => {
  expect(seriesScores([1, 2], [2, 4], fitted)).toEqual({ mae: 1.5, rmse: Math.sqrt(2.5), mase: 0.75, mse: 2.5 });
  const flat: Series = { names: ["x"], columns: [new Float64Array(20)] };
  const none = fitSeries({ series: flat, split }, { window: 4 });
  expect(none.naive_error).toBeNull();
  expect(seriesScores([1], [2], none)).not.toHaveProperty("mase");
});

describe("what does not fit is refused", () => {
  test.each<[string, () => unknown]>([
    [
      "series: the training part has 15 values, but a window of 24 and the value after it need 25; use a shorter window or more values",
      () => fitSeries({ series, split }),
    ],
    [
      "sequence-regression: differences of 12 steps do not fit into a window of 12; use a longer window",
      () => fitSeries({ series, split }, { window: 12, difference: 12 }),
    ],
    [
      "sequence-regression: window is 0, but must be a whole number ≥ 1",
      () => fitSeries({ series, split }, { window: 0 }),
    ],
    [
      "sequence-regression: season is 1.5, but must be a whole number ≥ 1",
      () => fitSeries({ series, split }, { window: 3, season: 1.5 }),
    ],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});
