import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readSeries } from "./series-file.ts";

const folder = mkdtempSync(join(tmpdir(), "series-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string, name = "a.csv") => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const table = '"Day","Wind","Temp"\n"1981-01-01",3,20.7\n1981-01-02, -4.5 ,1e1\n1981-01-03,.5,-0\n';

test("the last column is read unless others are named", async () => {
  expect(await readSeries(file(table))).toEqual({ names: ["Temp"], columns: [Float64Array.of(20.7, 10, -0)] });
  expect(await readSeries(file(table), { value: "Wind", inputs: ["Temp"], date: "Day" })).toEqual({
    names: ["Wind", "Temp"],
    columns: [Float64Array.of(3, -4.5, 0.5), Float64Array.of(20.7, 10, -0)],
    labels: ["1981-01-01", "1981-01-02", "1981-01-03"],
  });
});

test("a file without a head row has its columns named, and tabs part those of .tsv", async () => {
  const path = file("1\t2\n3\t4\n", "a.tsv");
  expect((await readSeries(path, { columns: ["x", "y"] })).columns).toEqual([Float64Array.of(2, 4)]);
});

test("a file of one column has no delimiter to be found", async () => {
  expect((await readSeries(file("value\n1\n2\n"))).columns).toEqual([Float64Array.of(1, 2)]);
});

describe("what is no number is named with its row and column", () => {
  test.each([
    ["Day,Temp\n1,20\n2,n/a\n", {}, 'row 3, column "Temp": "n/a" is not a number; mend the cell, or leave the row out'],
    ["Day,Temp\n1,20\n2,\n", {}, 'row 3, column "Temp": "" is not a number; mend the cell, or leave the row out'],
    ["Day,Temp\n1,?0.2\n", { value: "Temp" }, 'row 2, column "Temp": "?0.2" is not a number; mend the cell'],
    ["Day,Temp\n1,0x10\n", { value: "Temp" }, '"0x10" is not a number'],
    ["Day,Temp\n1,Infinity\n", { value: "Temp" }, '"Infinity" is not a number'],
    [
      "Temp,Day\n20,Monday\n",
      {},
      'row 2, column "Day": "Monday" is not a number; name the column of numbers with --value; there are "Temp", "Day"',
    ],
    ["Day,Temp\n1,2\n", { value: "Tmp" }, 'there is no column "Tmp"; there are "Day", "Temp"'],
    ["Day,Temp\n1,2\n", { inputs: ["Temp"] }, 'column "Temp" is named twice'],
  ])("%j %j", async (text, options, message) => {
    await expect(readSeries(file(text), options)).rejects.toThrow(message);
  });

  test("a file with another ending is no table", async () => {
    await expect(readSeries(file("1\n2\n", "a.txt"))).rejects.toThrow(
      'a.txt: ends in ".txt"; a file of numbers ends in .csv or .tsv',
    );
  });
});
