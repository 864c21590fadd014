import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readAligned, readPairs } from "./pair-files.ts";

const folder = mkdtempSync(join(tmpdir(), "pairs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test("line i of one file belongs to line i of the other, whatever ends the lines", async () => {
  const [de, en] = [file("a.de", "ein Hund\r\neine Katze\r\n"), file("a.en", "a dog\na cat")];
  expect(await readAligned([de], [en])).toEqual({ source: ["ein Hund", "eine Katze"], target: ["a dog", "a cat"] });
});

test("several files of a side are one text", async () => {
  const [one, two, en] = [file("1.de", "eins\n"), file("2.de", "zwei\ndrei\n"), file("all.en", "one\ntwo\nthree\n")];
  expect((await readAligned([one, two], [en])).source).toEqual(["eins", "zwei", "drei"]);
});

test("unequal line counts are told: which, how many, and the first line without a partner", async () => {
  const [one, two, en] = [file("u1.de", "eins\n"), file("u2.de", "zwei\ndrei\n"), file("u.en", "one\ntwo\n")];
  await expect(readAligned([one, two], [en])).rejects.toThrow(
    `aligned files: "${one}", "${two}" has 3 lines and ${en} has 2; line i of one belongs to line i of the other, and u2.de, line 2 has no partner`,
  );
  await expect(readAligned([en], [one])).rejects.toThrow("u.en, line 2 has no partner");
});

test("pairs with an empty side are left out and counted, and the first is named", async () => {
  const [de, en] = [file("e.de", "eins\n\ndrei\nvier\n"), file("e.en", "one\ntwo\n \nfour\n")];
  expect(await readAligned([de], [en])).toEqual({
    source: ["eins", "vier"],
    target: ["one", "four"],
    warnings: ["2 of 4 pairs have an empty side and are left out; the first: e.de, line 2"],
  });
  await expect(readAligned([file("n.de", "\n\n")], [file("n.en", "a\nb\n")])).rejects.toThrow(
    "pairs: none of the 2 has text on both sides",
  );
});

test("columns of files of rows are pairs, too, under whatever names", async () => {
  const csv = file("p.csv", "de,en\neins,one\n,two\n");
  const jsonl = file("p.jsonl", '{"de":"drei","en":"three"}\n');
  expect(await readPairs([csv, jsonl], { source: "de", target: "en" })).toEqual({
    source: ["eins", "drei"],
    target: ["one", "three"],
    warnings: ["1 of 3 pairs have an empty side and are left out; the first: p.csv, row 3"],
  });
});
