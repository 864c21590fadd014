import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitScaling, type Series, splitSeries, targetBatches, windowsBefore } from "./series.ts";
import { toySeries } from "./toy/series.ts";

const series = (...columns: number[][]): Series => ({
  names: columns.map((_, i) => `column ${i}`),
  columns: columns.map((column) => Float64Array.from(column)),
});

test("a rolling split's folds follow one another, and each is learned from all before it", () => {
  expect([1, 2, 3].map((fold) => splitSeries(100, { held: 10, folds: 3, fold }))).toEqual([
    { border: 90, end: 93 },
    { border: 93, end: 96 },
    { border: 96, end: 100 },
  ]);
  expect(splitSeries(144)).toEqual({ border: 115, end: 144 });
  expect(splitSeries(50, { held: 0.5 })).toEqual({ border: 25, end: 50 });
});

test("a window is the rows before its target, column beside column", () => {
  const { past, next } = windowsBefore(series([1, 2, 3, 4], [10, 20, 30, 40]), [2, 3], 2);
  expect([...past]).toEqual([1, 10, 2, 20, 2, 20, 3, 30]);
  expect([...next]).toEqual([3, 4]);
});

test("what comes after the end has no value yet", () => {
  const { past, next } = windowsBefore(series([1, 2, 3]), [3], 2);
  expect([...past]).toEqual([2, 3]);
  expect(next[0]).toBeNaN();
});

test("every target comes once in a pass, none of them held out, and passes differ", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (count, window, seed) => {
      const batches = targetBatches({ border: window + count, window }, { batchSize: 1, seed });
      const pass = (n: number) => Array.from({ length: count }, (_, i) => batches(n * count + i)[0]!);
      const all = Array.from({ length: count }, (_, i) => window + i);
      expect(pass(0).sort((a, b) => a - b)).toEqual(all);
      expect(pass(3).sort((a, b) => a - b)).toEqual(all);
    }),
  );
  const batches = targetBatches({ border: 30, window: 5 }, { batchSize: 25, seed: 1 });
  expect(batches(0)).not.toEqual(batches(1));
  expect(batches(1)).toEqual(batches(1));
});

describe("scaling", () => {
  test("is fitted on the training part only", () => {
    const long = series([1, 3, 5, 1000], [2, 2, 2, 9]);
    expect(fitScaling(long, { border: 3 })).toEqual({ loc: [3, 2], scale: [Math.sqrt(8 / 3), 1] });
    expect(fitScaling(long, { border: 3, scaling: "min-max" })).toEqual({ loc: [1, 2], scale: [4, 1] });
    expect(fitScaling(long, { border: 3, scaling: "none" })).toEqual({ loc: [0, 0], scale: [1, 1] });
  });

  test("of differences is that of the changes", () => {
    expect(fitScaling(series([1, 2, 4, 8, 99]), { border: 4, difference: 1, scaling: "min-max" })).toEqual({
      loc: [1],
      scale: [3],
    });
    expect(fitScaling(toySeries("count"), { border: 80, difference: 1 })).toEqual({ loc: [1], scale: [1] });
  });
});

describe("generated series", () => {
  test("count goes on beyond all that was learned from", () => {
    expect([...toySeries("count,length=5").columns[0]!]).toEqual([1, 2, 3, 4, 5]);
  });

  test("a sine has its period, and noise where asked for", () => {
    const [values] = toySeries("sine,period=20,length=100").columns;
    expect(values![5]).toBeCloseTo(1, 12);
    expect(values![25]).toBeCloseTo(1, 12);
    const [noisy] = toySeries("sine,period=20,length=100,noise=50").columns;
    expect(noisy!.every((x, i) => Math.abs(x - values![i]!) < 3.5)).toBe(true);
    expect(noisy).not.toEqual(values);
    expect(toySeries("sine,noise=50,seed=1").columns).not.toEqual(toySeries("sine,noise=50").columns);
  });
});

describe("what cannot be split, cut or made is refused", () => {
  test.each<[string, () => unknown]>([
    [
      "series: 200 of 100 rows cannot be held out; give a share in (0, 1) or fewer rows",
      () => splitSeries(100, { held: 200 }),
    ],
    [
      "series: 0.001 of 100 rows cannot be held out; give a share in (0, 1) or fewer rows",
      () => splitSeries(100, { held: 0.001 }),
    ],
    ["series: there is no fold 6 of 5; folds are counted from 1", () => splitSeries(100, { folds: 5, fold: 6 })],
    ["series: 3 held-out rows cannot be cut into 4 folds", () => splitSeries(100, { held: 3, folds: 4 })],
    [
      "series: the training part has 10 values, but a window of 12 and the value after it need 13; use a shorter window or more values",
      () => targetBatches({ border: 10, window: 12 }, { batchSize: 1, seed: 0 }),
    ],
    [
      "series: the training part has 3 values, but differences of 3 steps need 4; use shorter ones",
      () => fitScaling(series([1, 2, 3]), { border: 3, difference: 3 }),
    ],
    ['toy: there is no series "sin"; there are count, sine', () => toySeries("sin")],
    ['toy:count: there is no option "noise"; there are length', () => toySeries("count,noise=1")],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});
