import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketBatches } from "./buckets.ts";

const lengths = Array.from({ length: 103 }, (_, i) => 1 + ((i * 37) % 50));
const pass = (of: ReturnType<typeof bucketBatches>, n: number) =>
  Array.from({ length: of.perPass }, (_, i) => of(n * of.perPass + i));

test("every row comes once in each pass, and passes differ", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 7 }), fc.nat(), (batchSize, pool, seed) => {
      const batches = bucketBatches(lengths, { batchSize, seed, pool });
      for (const n of [0, 1])
        expect(
          pass(batches, n)
            .flat()
            .toSorted((a, b) => a - b),
        ).toEqual([...lengths.keys()]);
    }),
  );
  const batches = bucketBatches(lengths, { batchSize: 8, seed: 1 });
  expect(pass(batches, 0)).not.toEqual(pass(batches, 1));
});

test("a batch depends on the seed and its number alone", () => {
  const [one, other] = [0, 0].map(() => bucketBatches(lengths, { batchSize: 8, seed: 3 }));
  expect(one!(17)).toEqual(other!(17));
  expect(one!(2)).toEqual(other!(2));
  expect(bucketBatches(lengths, { batchSize: 8, seed: 4 })(2)).not.toEqual(one!(2));
});

test("rows of a batch have about the same length", () => {
  const batches = pass(bucketBatches(lengths, { batchSize: 10, seed: 0 }), 0);
  const wasted = batches.map((rows) => {
    const longest = Math.max(...rows.map((row) => lengths[row]!));
    return rows.reduce((sum, row) => sum + longest - lengths[row]!, 0) / (rows.length * longest);
  });
  expect(wasted.reduce((a, b) => a + b) / wasted.length).toBeLessThan(0.15);
  const order = batches.map((rows) => lengths[rows[0]!]!);
  expect(order).not.toEqual(order.toSorted((a, b) => a - b));
});

test("no row is an error", () => {
  expect(() => bucketBatches([], { batchSize: 2, seed: 0 })).toThrow("buckets: there is no row");
});
