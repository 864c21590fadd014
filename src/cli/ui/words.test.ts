/** Numbers as people read them, and tables. */
import { expect, test } from "vitest";
import { harmless, paintOf } from "./paint.ts";
import { table } from "./table.ts";
import { bytes, compact, count, duration, measure, operations, scientific } from "./words.ts";

test("numbers have as many digits as are read", () => {
  expect([0, 1240, 124_439_808].map(count)).toEqual(["0", "1,240", "124,439,808"]);
  expect([812, 9994, 23_100, 999_600, 1.5e9].map(compact)).toEqual(["812", "9.99k", "23.1k", "1M", "1.5G"]);
  expect([512, 3.239e6, 5.11e9].map(bytes)).toEqual(["512 B", "3.24 MB", "5.11 GB"]);
  expect(operations(2.92e11)).toBe("292 GFLOP");
  expect([0, 72, 3725, 86_400].map(duration)).toEqual(["0:00", "1:12", "1:02:05", "24:00:00"]);
  expect([1.7123, 12.345, 1234.5, Number.NaN].map(measure)).toEqual(["1.712", "12.35", "1,235", "NaN"]);
  expect([0, 6.2e-4, 1, 2e-5].map(scientific)).toEqual(["0", "6.2e-4", "1.0e0", "2.0e-5"]);
});

test("a table's columns are aligned, painted or not", () => {
  const paint = paintOf(true);
  expect(
    table(
      [
        ["a", "1"],
        ["long", "100"],
      ],
      "lr",
    ),
  ).toBe("a       1\nlong  100");
  expect(
    table(
      [
        [paint("red", "a"), "1"],
        ["long", "100"],
      ],
      "lr",
    ),
  ).toBe("\u001b[31ma\u001b[39m       1\nlong  100");
});

test("text from outside keeps its lines and tabs and loses what could steer a terminal", () => {
  expect(harmless("a\tb\r\nc\u001b]0;x\u0007")).toBe("a\tb\nc␛]0;x␇");
});
