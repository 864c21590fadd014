import { describe, expect, test } from "vitest";
import { accuracy, mae, mase, mse, naiveError, perplexity, rmse } from "./index.ts";

test("errors of numbers are the means of their squares and of their sizes", () => {
  const [predictions, truth] = [
    [2.5, 0, 2, 8],
    [3, -0.5, 2, 7],
  ];
  expect(mse(predictions, truth)).toBe(0.375);
  expect(mae(predictions, truth)).toBe(0.5);
  expect(rmse(predictions, truth)).toBe(Math.sqrt(0.375));
  expect(mse(Float32Array.of(1), [1])).toBe(0);
});

test("the naive forecast on its own history has a MASE of 1, and of less where it is compared with a worse one", () => {
  const history = [1, 3, 2, 6, 5];
  expect(mase(history.slice(0, -1), history.slice(1), { history })).toBe(1);
  expect(mase([10], [12], { history: [0, 4, 0, 4] })).toBe(0.5);
});

test("a season compares with the value a season ago", () => {
  expect(naiveError([0, 10, 1, 11, 2, 12], 2)).toBe(1);
});

test("accuracy is the fraction of equal labels, perplexity the exponential of the loss", () => {
  expect(accuracy(["a", "b", "a", "a"], ["a", "b", "b", "a"])).toBe(0.75);
  expect(perplexity(Math.log(65))).toBeCloseTo(65, 12);
});

describe("what cannot be measured is refused", () => {
  test.each<[string, () => unknown]>([
    ["mse: 1 predictions, but 2 true values; there must be as many", () => mse([1], [1, 2])],
    ["mae: there are no predictions", () => mae([], [])],
    ["accuracy: 0 predictions, but 1 labels; there must be as many", () => accuracy([], [1])],
    ["mase: a season is 0 steps, but must be a whole number ≥ 1", () => mase([1], [1], { history: [1, 2], season: 0 })],
    ["mase: the history has 12 values, but a season of 12 needs 13", () => naiveError(new Array(12).fill(1), 12)],
    [
      "mase: the history repeats itself every 2 steps, so that the naive forecast has no error to scale by",
      () => naiveError([1, 2, 1, 2, 1], 2),
    ],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});
