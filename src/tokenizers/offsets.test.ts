import fc from "fast-check";
import { expect, test } from "vitest";
import { strangeText } from "../../test/strange-text.ts";
import { byteOffsets, byteTokenizer, codePointOffsets } from "./index.ts";

test("places are counted in code points and in bytes", () => {
  const text = "aé😀b";
  const places = [
    [0, 1],
    [1, 2],
    [2, 4],
    [4, 5],
    [5, 5],
  ] as const;
  expect(codePointOffsets(text, places).flat()).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 4]);
  expect(byteOffsets(text, places).flat()).toEqual([0, 1, 1, 3, 3, 7, 7, 8, 8, 8]);
});

test("they cut the same text out of code points, and out of bytes", () => {
  fc.assert(
    fc.property(strangeText, (text) => {
      const { offsets } = byteTokenizer().encode(text);
      const points = [...text];
      const bytes = Buffer.from(text);
      const [inPoints, inBytes] = [codePointOffsets(text, offsets), byteOffsets(text, offsets)];
      for (const [i, [start, end]] of offsets.entries()) {
        expect(points.slice(...inPoints[i]!).join("")).toBe(text.slice(start, end));
        expect(bytes.subarray(...inBytes[i]!).toString()).toBe(text.slice(start, end));
      }
    }),
  );
});

test("a place outside the text is refused", () => {
  expect(() => byteOffsets("ab", [[1, 3]])).toThrow("offsets: [1, 3) is no place in a text of 2 UTF-16 units");
});
