/** Ticks are round, inside the range and named without ambiguity; trends follow their points. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { linear, logarithmic, rangeOf } from "./scale.ts";
import { smooth, thin, trend } from "./smooth.ts";

const labels = ({ ticks, label }: ReturnType<typeof linear>) => ticks.map(label);

test("a linear scale has round ticks and labels with the decimals they need", () => {
  expect(labels(linear([0, 2000], 5))).toEqual(["0", "500", "1,000", "1,500", "2,000"]);
  expect(labels(linear([1.32, 4.1], 6))).toEqual(["1.5", "2.0", "2.5", "3.0", "3.5", "4.0"]);
  expect(labels(linear([-0.02, 0.02], 4))).toEqual(["-0.02", "-0.01", "0.00", "0.01", "0.02"]);
  expect(linear([0, 10], 5)(2.5)).toBe(0.25);
});

test("a logarithmic scale has its ticks at powers of ten, or at 1, 2 and 5 between few", () => {
  expect(labels(logarithmic([1e-6, 1], 8))).toEqual(["1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "1e-1", "1e0"]);
  expect(labels(logarithmic([1e-3, 2e-2], 6))).toEqual(["1e-3", "2e-3", "5e-3", "1e-2", "2e-2"]);
  expect(logarithmic([1e-4, 1], 4)(1e-2)).toBeCloseTo(0.5, 12);
});

test("ticks lie in the range, rise, and are about as many as asked for", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      (low, width, count) => {
        const { ticks, label } = linear([low, low + width], count);
        expect(ticks.length).toBeGreaterThanOrEqual(1);
        expect(ticks.length).toBeLessThanOrEqual(2 * count + 1);
        expect(new Set(ticks.map(label)).size).toBe(ticks.length);
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - 1e-6 * width);
          expect(tick).toBeLessThanOrEqual(low + width * (1 + 1e-6));
        }
      },
    ),
  );
});

test("a range leaves out what is no number, and is never empty", () => {
  expect(rangeOf([3, Number.NaN, 1, Number.POSITIVE_INFINITY])).toEqual([1, 3]);
  expect(rangeOf([0, 10], { margin: 0.1 })).toEqual([-1, 11]);
  expect(rangeOf([])).toEqual([0, 1]);
  expect(rangeOf([4])).toEqual([2, 6]);
  expect(rangeOf([0])).toEqual([-0.5, 0.5]);
});

test("a trend averages over ever more points, and begins at the first one", () => {
  const noisy = Array.from({ length: 200 }, (_, i) => [i, 5 + (i % 2 === 0 ? 1 : -1)] as const);
  const smoothed = trend(noisy);
  expect(smoothed[0]).toEqual([0, 6]);
  for (const [, y] of smoothed.slice(100)) expect(Math.abs(y - 5)).toBeLessThan(0.1);
});

test("a number that is none stays in its place and spoils no other", () => {
  const points = [
    [0, 1],
    [1, Number.NaN],
    [2, 3],
  ] as const;
  expect(smooth(points, () => 1)).toEqual([
    [0, 1],
    [1, Number.NaN],
    [2, 3],
  ]);
});

test("a thinned curve keeps its highest and lowest points and its order", () => {
  const points = Array.from({ length: 10_000 }, (_, i) => [i, Math.sin(i / 500)] as const);
  const spiked = points.with(7777, [7777, 100]).with(3333, [3333, -100]);
  const kept = thin(spiked, 500);
  expect(kept.length).toBeLessThanOrEqual(520);
  expect(kept).toContainEqual([7777, 100]);
  expect(kept).toContainEqual([3333, -100]);
  expect(kept.map(([x]) => x)).toEqual(kept.map(([x]) => x).toSorted((a, b) => a - b));
  expect(thin(points, 10_000)).toBe(points);
});
