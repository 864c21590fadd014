import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Blocks, countBlocks, evaluationBlocks, IGNORED, randomBlocks, shuffledBlocks } from "./blocks.ts";

/** The numbers 0 … n - 1, so that an id is its place. */
const counting = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);

const rowsOf = ({ input_ids, labels }: Blocks) => {
  const [B = 0, T = 0] = input_ids.dims;
  expect(labels.dims).toEqual([B, T]);
  return Array.from({ length: B }, (_, row) => ({
    ids: Array.from(input_ids.data.subarray(row * T, (row + 1) * T), Number),
    labels: Array.from(labels.data.subarray(row * T, (row + 1) * T), Number),
  }));
};
const sizes = { blockSize: 8, batchSize: 4 };

describe.each([
  ["random", randomBlocks],
  ["shuffled", shuffledBlocks],
])("%s blocks", (_, blocks) => {
  test("are runs of the text with the next token as each one's label", () => {
    const batch = blocks(counting(100), { ...sizes, seed: 1 })(0);
    expect([batch.input_ids.dtype, batch.labels.dtype, batch.input_ids.dims]).toEqual(["int64", "int64", [4, 8]]);
    for (const { ids, labels } of rowsOf(batch)) {
      expect(ids).toEqual(Array.from({ length: 8 }, (_, t) => ids[0]! + t));
      expect(labels).toEqual(ids.map((id) => id + 1));
    }
  });

  test("of an update depend on the seed and the update alone, so a resumed run sees the same", () => {
    const first = blocks(counting(500), { ...sizes, seed: 3 });
    const unbroken = [0, 1, 2, 3, 4].map((update) => rowsOf(first(update)));
    const resumed = blocks(counting(500), { ...sizes, seed: 3 });
    expect(rowsOf(resumed(4))).toEqual(unbroken[4]);
    expect(rowsOf(resumed(2))).toEqual(unbroken[2]);
    expect(unbroken[1]).not.toEqual(unbroken[2]);
    expect(rowsOf(blocks(counting(500), { ...sizes, seed: 4 })(0))).not.toEqual(unbroken[0]);
  });

  test("fit a text of exactly one block", () => {
    expect(rowsOf(blocks(counting(9), { ...sizes, seed: 1 })(7))[3]!.labels).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("need a text of one block and a token, and sizes of at least one", () => {
    expect(() => blocks(counting(8), { ...sizes, seed: 1 })).toThrow(
      "blocks: the text has 8 tokens, but a block of 8 and the token after it need 9; use more text or a smaller block size",
    );
    expect(() => blocks(counting(8), { ...sizes, blockSize: 0, seed: 1 })).toThrow(
      "blocks: blockSize is 0, but must be a whole number ≥ 1",
    );
    expect(() => blocks(counting(8), { ...sizes, batchSize: 1.5, seed: 1 })).toThrow(
      "blocks: batchSize is 1.5, but must be a whole number ≥ 1",
    );
  });
});

test("random blocks start at every place equally often", () => {
  const batch = randomBlocks(counting(20), { blockSize: 8, batchSize: 100, seed: 5 });
  const counts = new Uint32Array(12);
  for (let update = 0; update < 120; update++) for (const { ids } of rowsOf(batch(update))) counts[ids[0]!]!++;
  for (const count of counts) expect(Math.abs(count - 1000) / Math.sqrt(1000)).toBeLessThan(4);
});

test("a pass of shuffled blocks has each block once, and over passes no token is left out", () =>
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 60 }), fc.nat(), (length, seed) => {
      const count = countBlocks(counting(length), 8);
      const batch = shuffledBlocks(counting(length), { blockSize: 8, batchSize: 1, seed });
      const seen = new Set<number>();
      for (let pass = 0; pass < 120; pass++) {
        const starts = Array.from({ length: count }, (_, i) => rowsOf(batch(pass * count + i))[0]!.ids[0]!).sort(
          (a, b) => a - b,
        );
        expect(starts).toEqual(Array.from({ length: count }, (_, i) => starts[0]! + 8 * i));
        for (const start of starts) for (let t = 0; t <= 8; t++) seen.add(start + t);
      }
      expect(seen.size).toBe(length);
    }),
    { numRuns: 6 },
  ));

describe("evaluation blocks", () => {
  test("predict every token but the first once, in order, and count them", () =>
    fc.assert(
      fc.property(fc.integer({ min: 9, max: 200 }), fc.integer({ min: 1, max: 5 }), (length, batchSize) => {
        const labels: number[] = [];
        let counted = 0;
        for (const { batch, count } of evaluationBlocks(counting(length), { blockSize: 8, batchSize })) {
          const real = rowsOf(batch).flatMap((row) => row.labels.filter((label) => label !== Number(IGNORED)));
          expect(real.length).toBe(count);
          labels.push(...real);
          counted += count;
        }
        expect(counted).toBe(length - 1);
        expect(labels).toEqual(Array.from({ length: length - 1 }, (_, i) => i + 1));
      }),
    ));

  test("fill up the last one with labels that are ignored", () => {
    const [only] = evaluationBlocks(counting(13), { ...sizes });
    expect(rowsOf(only!.batch)[1]).toEqual({
      ids: [8, 9, 10, 11, 0, 0, 0, 0],
      labels: [9, 10, 11, 12, -100, -100, -100, -100],
    });
    expect(only!.count).toBe(12);
  });

  test("are refused where a batch is more than memory holds", () => {
    expect(() => randomBlocks(counting(20), { blockSize: 16, batchSize: 1e9, seed: 0 })).toThrow(
      "blocks: 1000000000 rows of 16 tokens are 16000000000 in one batch, and 134217728 is the most; use a smaller batch size",
    );
  });

  test("need one whole block", () => {
    expect(() => [...evaluationBlocks(counting(5), sizes)]).toThrow("blocks: the text has 5 tokens, but a block of 8");
  });
});
