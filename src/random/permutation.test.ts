import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyOf } from "../random.ts";
import { permutation, permute } from "./permutation.ts";

/** Chi-square of how often each order of 0 … 3 comes out over many keys, against 24 equal shares. */
function unevenness(order: (key: number) => ArrayLike<number>): number {
  const samples = 24_000,
    counts = new Map<string, number>();
  for (let seed = 0; seed < samples; seed++) {
    const name = Array.from(order(keyOf(seed))).join("");
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  return [...counts.values()].reduce((sum, count) => sum + (count - samples / 24) ** 2 / (samples / 24), 0);
}

describe.each([
  ["an array of the whole order", (n: number, key: number) => permutation(n, key)],
  ["one element at a time", (n: number, key: number) => Uint32Array.from({ length: n }, (_, i) => permute(i, n, key))],
])("a random order, as %s", (_, order) => {
  test("holds every number once", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), (n, key) => {
        expect([...order(n, key)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    ));

  test("is every order of four equally often", () =>
    expect(unevenness((key) => order(4, key))).toBeLessThan(23 + 4 * Math.sqrt(46)));

  test("differs between keys and is the same for one", () => {
    expect(order(50, 1)).not.toEqual(order(50, 2));
    expect(order(50, 1)).toEqual(order(50, 1));
  });

  test("leaves no trace of the old order: neighbours are uncorrelated and few stay in place", () => {
    const n = 5000,
      x = order(n, 11);
    let fixed = 0,
      product = 0;
    for (let i = 0; i < n; i++) {
      fixed += x[i] === i ? 1 : 0;
      product += (x[i]! / n - 0.5) * (x[(i + 1) % n]! / n - 0.5) * 12;
    }
    expect(fixed).toBeLessThan(10);
    expect(Math.abs(product) / Math.sqrt(n)).toBeLessThan(4);
  });
});

test("one element of a vast order costs no memory and stays a bijection", () => {
  for (const n of [1e9, 2 ** 32 + 1, 2 ** 53 - 1]) {
    const seen = new Set(Array.from({ length: 2000 }, (_, i) => permute(i, n, 3)));
    expect(seen.size).toBe(2000);
    expect([...seen].every((i) => Number.isSafeInteger(i) && i >= 0 && i < n)).toBe(true);
    expect(Math.max(...seen)).toBeGreaterThan(0.99 * n);
  }
});

test("an index outside the order is refused", () => {
  expect(() => permute(5, 5, 1)).toThrow("permute: index 5 is not in 0 … 4");
  expect(() => permute(0, 0, 1)).toThrow("permute: index 0 is not in 0 … -1");
});
