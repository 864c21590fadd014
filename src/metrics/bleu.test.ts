import { describe, expect, test } from "vitest";
import { bleu, bleuMetric } from "./index.ts";

test("a sentence that is its reference scores 100, one without a common word 0", () => {
  expect(bleu(["the cat sat on the mat"], ["the cat sat on the mat"]).score).toBeCloseTo(100, 9);
  expect(bleu(["a b c d"], ["e f g h"]).score).toBe(0);
});

test("the paper's example: a word counts no more often than a reference has it", () => {
  const { counts, totals } = bleu(
    ["the the the the the the the"],
    [["the cat is on the mat", "there is a cat on the mat"]],
  );
  expect({ counts, totals }).toEqual({ counts: [2, 0, 0, 0], totals: [7, 6, 5, 4] });
});

describe("what cannot be scored is refused", () => {
  test.each<[string, () => unknown]>([
    [
      'bleu: no tokenizer is called "14"; there are 13a, none, char, intl, zh',
      () => bleuMetric({ tokenize: "14" as "13a" }),
    ],
    [
      'bleu: no smoothing method is called "add"; there are none, floor, add-k, exp',
      () => bleuMetric({ smoothMethod: "add" as "add-k" }),
    ],
    ["bleu: maxNgramOrder is 0, but must be a whole number ≥ 1", () => bleuMetric({ maxNgramOrder: 0 })],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});
