import { expect, test } from "vitest";
import { alibiSlopes } from "../index.ts";

test("scores fall by powers of one slope, and for other numbers of heads by some of the next power's", () => {
  expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i));
  const twelve = [...alibiSlopes(8), ...[0.5, 1.5, 2.5, 3.5].map((i) => 2 ** -i)]; // the authors' get_slopes(12)
  for (const [i, slope] of alibiSlopes(12).entries()) expect(slope).toBeCloseTo(twelve[i]!, 12);
  expect(alibiSlopes(1)).toEqual([2 ** -8]);
});
