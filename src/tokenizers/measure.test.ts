import { expect, test } from "vitest";
import { compressionCurve, measureTokenizer, trainBpeTokenizer, wordTokenizer } from "./index.ts";

const text = "the cat sat, the dog sat, the zebra ran";

test("compression, unknown tokens, whole words and the most split words are counted", () => {
  const measure = measureTokenizer(wordTokenizer("the cat sat , dog"), text);
  // the|cat|sat|,| |the|dog|sat|,| |the|<unk>|<unk>
  expect(measure).toMatchObject({ vocabSize: 7, tokens: 13, bytesPerToken: 39 / 13, tokensPerWord: 13 / 9 });
  expect(measure.unknown).toBeCloseTo(2 / 13);
  expect(measure.used).toBe(1);
  expect(measure.wholeWords).toBeCloseTo(7 / 9);
  expect(measure.mostSplit[0]).toMatchObject({ word: "sat,", count: 2 });
});

test("a text without a word is refused", () => {
  expect(() => measureTokenizer(wordTokenizer("a"), " \n")).toThrow("measure: the text has no word");
});

test("with more merges a token says more", async () => {
  const long = "one two three four five six seven eight nine ten eleven twelve thirteen ".repeat(9);
  const curve = compressionCurve(await trainBpeTokenizer(long, { vocabSize: 400 }), long);
  expect(curve.length).toBeGreaterThan(1);
  for (const [i, [size, bytes]] of curve.slice(1).entries()) {
    expect(size).toBeGreaterThan(curve[i]![0]);
    expect(bytes).toBeGreaterThanOrEqual(curve[i]![1]);
  }
  expect(compressionCurve(wordTokenizer("a b"), "a b a")).toEqual([[3, 5 / 3]]);
});
