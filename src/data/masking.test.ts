import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf } from "../random.ts";
import { type Masking, maskRow } from "./masking.ts";

const ordinary = Array.from({ length: 50 }, (_, i) => i + 5);
const masking: Masking = { share: 0.15, maskId: 3, ordinary };
const row = Array.from({ length: 200 }, (_, i) => 5 + ((i * 7) % 50));

test("15 % are chosen; of these 80 % are masked, 10 % become another token and 10 % stay", () => {
  let [chosen, masked, same] = [0, 0, 0];
  for (let update = 0; update < 200; update++) {
    const { ids, labels } = maskRow(row, masking, keyOf(1, update));
    labels.forEach((label, i) => {
      if (label < 0) expect(ids[i]).toBe(row[i]);
      else {
        expect(label).toBe(row[i]);
        chosen++;
        masked += Number(ids[i] === 3);
        same += Number(ids[i] === row[i]);
      }
    });
  }
  expect(chosen / (200 * row.length)).toBeCloseTo(0.15, 2);
  expect(masked / chosen).toBeCloseTo(0.8, 1);
  expect(same / chosen).toBeCloseTo(0.1 + 0.1 / 50, 1);
});

test("a row is masked alike for a key, and anew for another", () => {
  expect(maskRow(row, masking, 7)).toEqual(maskRow(row, masking, 7));
  expect(maskRow(row, masking, 7)).not.toEqual(maskRow(row, masking, 8));
});

test("every row has something to guess, however short", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 5, max: 54 }), { minLength: 1, maxLength: 5 }), fc.nat(), (tokens, key) => {
      expect(maskRow(tokens, masking, key).labels.some((label) => label >= 0)).toBe(true);
    }),
  );
  expect(maskRow([], masking, 1)).toEqual({ ids: [], labels: [] });
});

test("whole words are chosen or none of them", () => {
  const words = (_: number, __: number) => false;
  const pairs = row.map((_, i) => 5 + (i % 2)); // 5 begins a word, 6 goes on with it
  for (let key = 0; key < 50; key++) {
    const { labels } = maskRow(pairs, { ...masking, continues: (id) => id === 6 }, key);
    for (let i = 0; i < pairs.length; i += 2) expect(labels[i]! >= 0).toBe(labels[i + 1]! >= 0);
    expect(maskRow(pairs, { ...masking, continues: words }, key)).toEqual(maskRow(pairs, masking, key));
  }
});
