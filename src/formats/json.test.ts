import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseEntries, parseJson } from "./json.ts";
import { readJson } from "./json-file.ts";

const folder = mkdtempSync(join(tmpdir(), "json-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Uint8Array): string {
  const path = join(folder, "config.json");
  writeFileSync(path, content);
  return path;
}

describe("values", () => {
  test("every JSON text has the value that JSON.parse gives it", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 2, "\t"), (text, indent) => {
        const value = JSON.parse(text);
        expect(parseJson(text, "x")).toStrictEqual(value);
        expect(parseJson(JSON.stringify(value, null, indent), "x")).toStrictEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("a text is JSON here exactly where it is for JSON.parse", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9\\n"',
      '"b',
      "-0",
      "1.5e-3",
      "01",
      "true",
      "nul",
      " ",
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (t) => {
        const ours = attempt(() => parseJson(t, "x"));
        const theirs = attempt(() => JSON.parse(t));
        if (ours instanceof Error && ours.message.endsWith("is there twice")) return;
        expect(ours instanceof Error).toBe(theirs instanceof Error);
        if (!(ours instanceof Error)) expect(ours).toStrictEqual(theirs);
      }),
      { numRuns: 3000 },
    );
  });

  test("NaN and Infinity are read as Python's json writes them", () => {
    expect(parseJson("[NaN, Infinity, -Infinity]", "x")).toEqual([Number.NaN, Infinity, -Infinity]);
  });

  test("keys that every object inherits are keys like others", () => {
    const value = parseJson('{"__proto__": {"a": 1}, "constructor": 2}', "x") as object;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect("a" in value).toBe(false);
  });

  test("entries are visited one by one, and a throw stops the reading", () => {
    const seen: unknown[] = [];
    const visit = (key: string, value: unknown) => {
      seen.push([key, value]);
      if (key === "b") throw new Error("enough");
    };
    expect(() => parseEntries('{"a": [1], "b": 2, "c": this is never read', "x", visit)).toThrow("enough");
    expect(seen).toEqual([
      ["a", [1]],
      ["b", 2],
    ]);
  });
});

describe("errors", () => {
  test.each([
    ["", "x:1:1: expected a JSON value, but the text ends"],
    ['{\n  "a": 1,\n  b: 2\n}', 'x:3:3: expected a key in quotes, but found "b"'],
    ['{\n  "a": 1,\n}', 'x:3:1: expected a key in quotes, but found "}"'],
    ['{"a" 1}', 'x:1:6: expected ":" after the key "a", but found "1"'],
    ['{"a": 1 "b"}', 'x:1:9: expected "," or "}", but found "\\""'],
    ["[1, 2", 'x:1:6: expected "," or "]", but the text ends'],
    ["[1,]", 'x:1:4: expected a JSON value, but found "]"'],
    ["[\n\n'a']", 'x:3:1: expected a JSON value, but found "\'"'],
    ["1 2", 'x:1:3: expected the end of the text, but found "2"'],
    ['{"a": {"b": 1, "c": 2, "b": 3}}', 'x:1:24: the key "b" is there twice'],
    ['["abc', "x:1:2: this string has no end"],
    ['["abc\\', "x:1:2: this string has no end"],
    ['["a\nb"]', 'x:1:4: a string holds the control character "\\n"; it must be escaped'],
    ['["\\x"]', "x:1:2: this string has an escape that JSON does not know"],
    ["\u{1f600}", 'x:1:1: expected a JSON value, but found "\u{1f600}"'],
  ])("%j is refused with line and column", (text, message) => {
    expect(attempt(() => parseJson(text, "x"))).toEqual(new Error(message));
  });

  test("depth and number of items are bounded", () => {
    expect(parseJson("[[1, 2]]", "x", { maxDepth: 2, maxItems: 2 })).toEqual([[1, 2]]);
    expect(() => parseJson("[[[]]]", "x", { maxDepth: 2 })).toThrow(
      "x:1:3: arrays and objects lie more than 2 deep in one another",
    );
    expect(() => parseJson("[1, 2, 3]", "x", { maxItems: 2 })).toThrow("x:1:7: there are more than 2 items");
    expect(() => parseJson("[".repeat(1e6), "x")).toThrow(
      "x:1:201: arrays and objects lie more than 200 deep in one another",
    );
  });

  test("entries are those of an object, each once", () => {
    expect(() => parseEntries("[]", "x", () => {})).toThrow('x:1:1: expected "{", but found "["');
    expect(() => parseEntries('{"a": 1, "a": 2}', "x", () => {})).toThrow('x:1:10: the key "a" is there twice');
    expect(() => parseEntries("{} {}", "x", () => {})).toThrow('x:1:4: expected the end of the text, but found "{"');
  });

  test("a long or unprintable key stays one short line", () => {
    const key = `${"k".repeat(1e5)}`;
    const error = attempt(() => parseJson(`{"${key}": 1, "${key}": 2}`, "x")) as Error;
    expect(error.message.length).toBeLessThan(200);
    expect(() => parseJson('{"\u2028\u009b": 1, "\u2028\u009b": 2}', "x")).toThrow('the key "\\u2028\\u009b" is there');
  });
});

describe("files", () => {
  test("a file is read, with or without a byte order mark", () => {
    expect(readJson(file('{"n_embd": 24}'))).toEqual({ n_embd: 24 });
    expect(readJson(file('\ufeff{"n_embd": 24}'))).toEqual({ n_embd: 24 });
  });

  test("errors name the file, line and column", () => {
    const path = file("{\n  n_embd: 24\n}");
    expect(() => readJson(path)).toThrow(`${path}:2:3: expected a key in quotes, but found "n"`);
    expect(() => readJson(file("[[1]]"), { maxDepth: 1 })).toThrow(`${path}:1:2: arrays and objects lie more than 1`);
  });

  test("too long a file is not read", () => {
    const path = file("[1, 2, 3]");
    expect(() => readJson(path, { maxBytes: 8 })).toThrow(
      `${path}: is 9 bytes long, and 8 is the most that is read here`,
    );
  });

  test("what is no text or no file is refused", () => {
    const path = file(Uint8Array.of(0x22, 0xff, 0x22));
    expect(() => readJson(path)).toThrow(`${path}: is not UTF-8 text`);
    expect(() => readJson(folder)).toThrow(`${folder}: is not a regular file`);
    expect(() => readJson(join(folder, "absent.json"))).toThrow("absent.json: no such file or folder");
    expect(() => readJson(join(path, "config.json"))).toThrow("config.json: a part of this path is not a folder");
    expect(() => readJson("a\0b")).toThrow("a\0b: ERR_INVALID_ARG_VALUE:");
  });
});

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
