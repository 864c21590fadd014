import { expect, test } from "vitest";
import { evaluationStreams, streamBlocks } from "./streams.ts";

const text = (n: number) => Uint16Array.from({ length: n }, (_, i) => i);
const rowsOf = ({ dims, data }: { dims: readonly number[]; data: BigInt64Array }) =>
  Array.from({ length: dims[0]! }, (_, r) => Array.from(data.subarray(r * dims[1]!, (r + 1) * dims[1]!), Number));

test("each row goes on where its block of the batch before ended, and begins anew after the last whole block", () => {
  const blocks = streamBlocks(text(22), { blockSize: 3, batchSize: 3 }); // rows of 7
  expect(rowsOf(blocks(1).input_ids)).toEqual([
    [0, 1, 2],
    [7, 8, 9],
    [14, 15, 16],
  ]);
  expect(rowsOf(blocks(2).input_ids)[1]).toEqual([10, 11, 12]);
  expect(rowsOf(blocks(2).labels)[1]).toEqual([11, 12, 13]);
  expect(rowsOf(blocks(3).input_ids)[1]).toEqual([7, 8, 9]);
  expect([1, 2, 3, 4].map((update) => [...blocks(update).continues.data])).toEqual([
    [0, 0, 0],
    [1, 1, 1],
    [0, 0, 0],
    [1, 1, 1],
  ]);
});

test("an evaluation has every token but the first as a label once, whatever the sizes", () => {
  for (const [length, blockSize, batchSize] of [
    [22, 3, 3],
    [23, 4, 3],
    [9, 8, 4],
    [100, 7, 5],
  ] as const) {
    const batches = [...evaluationStreams(text(length), { blockSize, batchSize })];
    const labels = batches.flatMap(({ batch }) =>
      rowsOf(batch.labels)
        .flat()
        .filter((id) => id >= 0),
    );
    expect(labels.sort((a, b) => a - b)).toEqual(Array.from({ length: length - 1 }, (_, i) => i + 1));
    expect(batches.map(({ batch }) => batch.continues.data[0])).toEqual(batches.map((_, i) => Number(i > 0)));
    for (const { batch, count } of batches)
      expect(
        rowsOf(batch.labels)
          .flat()
          .filter((id) => id >= 0),
      ).toHaveLength(count);
    for (const [i, { batch }] of batches.entries()) {
      const before = batches[i - 1];
      if (before)
        for (const [r, row] of rowsOf(batch.input_ids).entries())
          if (rowsOf(batch.labels)[r]![0]! >= 0) expect(row[0]).toBe(rowsOf(before.batch.labels)[r]!.at(-1));
    }
  }
});

test("a text without a block for each row is refused", () => {
  expect(() => streamBlocks(text(12), { blockSize: 4, batchSize: 3 })).toThrow(
    "streams: the text has 12 tokens, but 3 rows with a block of 4 each need 13; use more text, or a smaller batch or block",
  );
});
