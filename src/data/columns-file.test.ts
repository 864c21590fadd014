import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readColumns } from "./columns-file.ts";

const folder = mkdtempSync(join(tmpdir(), "columns-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test("CSV, TSV and JSON lines give the same columns", async () => {
  const csv = file("a.csv", 'id,source,target\n1,"a, ""b""",x\n2,"two\nlines",y\n');
  const tsv = file("a.tsv", 'target\tsource\nx\t"a, ""b"""\ny\t"two\nlines"\n');
  const jsonl = file(
    "a.jsonl",
    '{"source":"a, \\"b\\"","target":"x","id":1}\n\n{"source":"two\\nlines","target":"y"}\n',
  );
  for (const path of [csv, tsv, jsonl]) {
    const { columns } = await readColumns(path, ["source", "target"]);
    expect(columns).toEqual({ source: ['a, "b"', "two\nlines"], target: ["x", "y"] });
  }
  expect((await readColumns(jsonl, ["source"])).place(1)).toBe("line 3");
  expect((await readColumns(csv, ["source"])).place(0)).toBe("row 2");
});

test("a file without a head row has the columns that it is told", async () => {
  const path = file("bare.csv", "guten tag,good day\n");
  const { columns, place } = await readColumns(path, ["target"], { columns: ["source", "target"] });
  expect(columns).toEqual({ target: ["good day"] });
  expect(place(0)).toBe("row 1");
});

test("lines may end in both ways in one file, as after an edit", async () => {
  const path = file("mixed.csv", 'source,target\r\na,b\nc,d\r\n"e\nf",g\r\n');
  const { columns } = await readColumns(path, ["source", "target"]);
  expect(columns).toEqual({ source: ["a", "c", "e\nf"], target: ["b", "d", "g"] });
});

test.each([
  ["b.txt", "a b", 'ends in ".txt"; a file of rows ends in .csv, .tsv or .jsonl'],
  ["c.csv", "de,en\n1,2\n", 'there is no column "source", "target"; there are "de", "en"'],
  ["d.csv", "source,target\na,b\nc\n", 'row 3 has 1 fields, and there are 2 columns ("source", "target")'],
  ["e.csv", 'source,target\n"a,b\n', "quoted field unterminated"],
  ["f.jsonl", '{"source": 1, "target": "b"}\n', 'line 1 has 1 as "source", which must be a text'],
  ["g.jsonl", '{"en": "a"}\n', 'line 1 has no "source", but "en"'],
  ["h.jsonl", "[1]\n", 'line 1 is [1], but must be an object: {"source": …, "target": …}'],
  ["i.jsonl", '{"source": "a"\n', "line 1:1:15"],
])("%s is refused with what is wrong and where", async (name, text, says) => {
  await expect(readColumns(file(name, text), ["source", "target"])).rejects.toThrow(says);
});
