import { expect, test } from "vitest";
import { argmax, chance, drawn, softmax } from "./sample.ts";

test("the likeliest token is the first of equally likely ones, and a NaN is found", () => {
  expect(argmax(Float32Array.of(1, 3, 2, 3))).toBe(1);
  expect(argmax(Float32Array.of(-2))).toBe(0);
  expect(argmax(Float32Array.of(1, Number.NaN, 7))).toBe(1);
  expect(argmax(Float32Array.of(Number.NaN, 7))).toBe(0);
});

test("softmax gives probabilities, however large the logits are", () => {
  const p = softmax(Float32Array.of(1000, 1000 + Math.log(3), Number.NEGATIVE_INFINITY));
  expect(p[0]).toBeCloseTo(0.25, 4);
  expect(p[1]).toBeCloseTo(0.75, 4);
  expect(p[2]).toBe(0);
});

test("tokens are drawn as often as they are likely", () => {
  const logits = Float32Array.of(0, 1, -2, 2, Number.NEGATIVE_INFINITY, 0.5, -0.5, 2);
  const expected = softmax(logits);
  const draws = 20_000;
  const counts = logits.map(() => 0);
  for (let step = 0; step < draws; step++) counts[drawn(logits, chance(11, 0, step))]!++;
  let chiSquare = 0;
  for (const [i, p] of expected.entries()) if (p > 0) chiSquare += (counts[i]! - draws * p) ** 2 / (draws * p);
  expect(counts[4]).toBe(0);
  expect(chiSquare).toBeLessThan(16.8); // 6 degrees of freedom: 1 in 100 fair samples exceeds it
});

test("a draw falls into the token's share of [0, 1)", () => {
  const logits = Float32Array.from([1, 2, 1], Math.log);
  expect([0, 0.2499, 0.2501, 0.7499, 0.7501, 1 - 2 ** -24].map((u) => drawn(logits, u))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(drawn(Float32Array.of(Number.NEGATIVE_INFINITY, 1), 0)).toBe(1);
  expect(drawn(Float32Array.of(1, Number.NEGATIVE_INFINITY), 1)).toBe(0); // u = 1 cannot be, and rounding may be as bad
});

test("chance differs between seeds, rows of a prompt and steps, and not between runs", () => {
  const some = [chance(0, 0, 0), chance(1, 0, 0), chance(0, 1, 0), chance(0, 0, 1)];
  expect(new Set(some).size).toBe(4);
  expect(some.map((u) => u * 2 ** 24)).toEqual([9830302, 15079730, 2634468, 11748760]);
});
