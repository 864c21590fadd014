import { expect, test } from "vitest";
import { toyHelp, toyOf, toyPairFiles, toyTextFiles } from "./toy-data.ts";

test("a toy is named with toy: before it, and files are not", () => {
  expect(toyOf({ data: ["toy:copy,length=5"] })).toBe("copy,length=5");
  expect(toyOf({ data: ["book.txt", "toys.txt"] })).toBeUndefined();
});

test("a toy stands alone and brings its own held-out part", () => {
  expect(() => toyOf({ data: ["toy:copy", "book.txt"] })).toThrow("--data: a toy stands alone; name one toy, or files");
  expect(() => toyOf({ data: ["toy:copy"], validation: ["0.1"] })).toThrow(
    "--validation: a toy brings its own held-out part",
  );
});

test("its texts have a floor where a token is a character", () => {
  const { data, files } = toyTextFiles("sort,rows=20,held=5");
  const { train, validation, floor } = data();
  expect(String(train).split("\n")).toHaveLength(21);
  expect(String(validation).split("\n")).toHaveLength(6);
  expect(floor).toBeUndefined();
  expect(data(64).floor).toBeGreaterThan(0.5);
  expect(files["train"]![0]).toMatchObject({ name: "toy:sort,rows=20,held=5", bytes: String(train).length });
});

test("its pairs come with what a run knows them by", () => {
  const { data, files } = toyPairFiles("addition,rows=20,held=5");
  expect([data.train.source.length, data.validation.target.length]).toEqual([20, 5]);
  expect(files.train[0]!.sha256).not.toBe(files.validation[0]!.sha256);
});

test("help lists every toy with its options, under the tasks that it is for", () => {
  const help = toyHelp();
  expect(help).toMatch(/ for translation, or .*:\n {2}toy:copy +the same letters again \(length, symbols\)\n/);
  expect(help).toMatch(/ for language-modeling:\n {2}toy:elman +sentences/);
  expect(help).toMatch(/ for sequence-regression:\n {2}toy:count +1, 2, 3/);
});
