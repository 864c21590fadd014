import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { openSafetensors } from "./safetensors-file.ts";
import { headerLength, parseHeader } from "./safetensors-header.ts";
import { openSafetensorsBytes, openSource, type Weights } from "./safetensors-reader.ts";

const folder = mkdtempSync(join(tmpdir(), "header-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PATH = "m.safetensors";
const encode = (text: string) => new TextEncoder().encode(text);

/** A file with this header, `dataSize` bytes of data, and a header length that may lie. */
function file(header: string | Uint8Array, dataSize: number, length?: bigint): Uint8Array {
  const json = typeof header === "string" ? encode(header) : header;
  const all = new Uint8Array(8 + json.length + dataSize);
  new DataView(all.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  all.set(json, 8);
  return all;
}

const entry = (dtype: string, shape: string, offsets: string) =>
  `{"dtype": "${dtype}", "shape": ${shape}, "data_offsets": ${offsets}}`;

describe("a hostile or broken file is refused in one line", () => {
  const big = 2 ** 60;
  test.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(), "has 0 bytes, too few for a safetensors file; is the download complete?"],
    ["a cut length", new Uint8Array(7), "has 7 bytes, too few"],
    [
      "a Git LFS pointer",
      encode("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"),
      "is a Git LFS pointer, not the file itself; run `git lfs pull` in its folder",
    ],
    [
      "a header of 1 GB",
      file("{}", 0, 1_000_000_000n),
      "its header claims 1000000000 bytes, of 10 in the file; is this safetensors, whole?",
    ],
    [
      "a header of 2^64 - 1 bytes",
      file("{}", 0, 2n ** 64n - 1n),
      "its header claims 18446744073709551615 bytes, of 10",
    ],
    ["a header that is no UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d), 0), "its header is not UTF-8 text"],
    ["an empty header", file("", 0), ' (header):1:1: expected "{", but the text ends'],
    ["a header that is a list", file("[]", 0), ' (header):1:1: expected "{", but found "["'],
    [
      "a cut header",
      file('{"w": {"dtype"', 0),
      ' (header):1:15: expected ":" after the key "dtype", but the text ends',
    ],
    [
      "duplicate names",
      file(`{"w": ${entry("U8", "[1]", "[0, 1]")}, "w": ${entry("U8", "[1]", "[1, 2]")}}`, 2),
      ' (header):1:62: the key "w" is there twice',
    ],
    [
      "duplicate fields",
      file('{"w": {"dtype": "U8", "dtype": "F32", "shape": [1], "data_offsets": [0, 1]}}', 1),
      ' (header):1:23: the key "dtype" is there twice',
    ],
    ["deep nesting", file(`{"w": ${"[".repeat(1e5)}`, 0), " (header):1:9: arrays and objects lie more than 3 deep"],
    ["long lists", file(`{"w": [${"0,".repeat(3e5)}0]}`, 0), " (header):1:500008: there are more than 250000 items"],
    [
      "metadata that is no object",
      file('{"__metadata__": 3}', 0),
      'its "__metadata__" must be an object of texts, but is 3',
    ],
    [
      "metadata that is no text",
      file('{"__metadata__": {"step": 3}}', 0),
      'its "__metadata__" must hold Unicode texts, but "step" is 3',
    ],
    [
      "a tensor that is a number",
      file('{"w": 3}', 0),
      '"w" must be an object with dtype, shape and data_offsets, but is 3',
    ],
    ["a tensor without fields", file('{"w": {}}', 0), '"w" has an unknown dtype: missing'],
    ["a name that is no Unicode", file('{"\\ud800": {}}', 0), '"\\ud800" is not a Unicode text'],
    ["an unknown dtype", file(`{"w": ${entry("Q4_0", "[1]", "[0, 1]")}}`, 1), '"w" has an unknown dtype: "Q4_0"'],
    [
      "an inherited dtype",
      file(`{"w": ${entry("constructor", "[1]", "[0, 1]")}}`, 1),
      '"w" has an unknown dtype: "constr',
    ],
    ["no shape", file('{"w": {"dtype": "U8"}}', 0), '"w" has an impossible shape: missing'],
    ["a negative size", file(`{"w": ${entry("U8", "[-1]", "[0, 1]")}}`, 1), '"w" has an impossible shape: [-1]'],
    ["half a size", file(`{"w": ${entry("U8", "[0.5]", "[0, 1]")}}`, 1), '"w" has an impossible shape: [0.5]'],
    ["a size of NaN", file(`{"w": ${entry("U8", "[NaN]", "[0, 1]")}}`, 1), '"w" has an impossible shape: [NaN]'],
    [
      "sizes whose product overflows",
      file(`{"w": ${entry("U8", "[4294967296, 4294967296, 0]", "[0, 0]")}}`, 0),
      '"w" has an impossible shape: [4294967296, 4294967296, 0]',
    ],
    [
      "negative offsets",
      file(`{"w": ${entry("U8", "[1]", "[-1, 0]")}}`, 1),
      '"w" has impossible data_offsets: [-1, 0]',
    ],
    [
      "offsets of 2^60",
      file(`{"w": ${entry("U8", "[1]", `[${big}, ${big + 1}]`)}}`, 1),
      `"w" has impossible data_offsets: [${big}, ${big}]`,
    ],
    [
      "offsets that go back",
      file(`{"w": ${entry("U8", "[1]", "[1, 0]")}}`, 1),
      '"w" has impossible data_offsets: [1, 0]',
    ],
    [
      "three offsets",
      file(`{"w": ${entry("U8", "[1]", "[0, 1, 2]")}}`, 1),
      '"w" has impossible data_offsets: [0, 1, 2]',
    ],
    [
      "offsets in a text",
      file(`{"w": ${entry("U8", "[1]", '["0", 1]')}}`, 1),
      '"w" has impossible data_offsets: ["0", 1]',
    ],
    [
      "a file that is cut off",
      file(`{"w": ${entry("F32", "[4]", "[0, 16]")}}`, 15),
      '"w" lies at [0, 16] of 15 bytes of data; is the file cut off? download it again',
    ],
    [
      "dtype and size that disagree",
      file(`{"w": ${entry("F32", "[2, 3]", "[0, 12]")}}`, 12),
      '"w" is F32[2, 3], 24 bytes, but lies at [0, 12]: 12 bytes',
    ],
    [
      "half a byte",
      file(`{"w": ${entry("F4", "[3]", "[0, 2]")}}`, 2),
      '"w" is F4[3], 1.5 bytes, but lies at [0, 2]: 2 bytes',
    ],
    [
      "overlap",
      file(`{"a": ${entry("U8", "[4]", "[0, 4]")}, "b": ${entry("U8", "[4]", "[2, 6]")}}`, 6),
      '"b" at [2, 6] overlaps "a"',
    ],
    [
      "two names for the same bytes",
      file(`{"a": ${entry("U8", "[4]", "[0, 4]")}, "b": ${entry("U8", "[4]", "[0, 4]")}}`, 4),
      '"b" at [0, 4] overlaps "a"',
    ],
    [
      "a hole",
      file(`{"a": ${entry("U8", "[1]", "[0, 1]")}, "b": ${entry("U8", "[1]", "[3, 4]")}}`, 4),
      "bytes 1 to 3 of its data belong to no tensor",
    ],
    [
      "bytes behind the last",
      file(`{"a": ${entry("U8", "[1]", "[0, 1]")}}`, 9),
      "bytes 1 to 9 of its data belong to no",
    ],
  ])("%s", (_what, bytes, message) => {
    let error: unknown;
    try {
      openSafetensorsBytes(bytes, PATH);
    } catch (thrown) {
      error = thrown;
    }
    expect(oneLine(error)).toContain(message.startsWith(" (") ? PATH + message : `${PATH}: ${message}`);
  });

  test("a header of more than 100 MB is refused though the file is long enough", () => {
    const start = file("", 0, 100_000_001n);
    expect(() => headerLength(start, 200_000_000, PATH)).toThrow(
      `${PATH}: its header claims 100000001 bytes; 100000000 is the most that is allowed`,
    );
    expect(headerLength(file("", 0, 100_000_000n), 200_000_000, PATH)).toBe(100_000_000);
  });

  test("a name of any length and kind keeps the error short", () => {
    const name = `${"n".repeat(1e6)}`;
    expect(() => parseHeader(encode(`{"${name}": 0}`), 1e7, PATH)).toThrow(/^.{0,250}$/);
    expect(() => parseHeader(encode('{"a\\nb\u2028": 0}'), 1e7, PATH)).toThrow(`${PATH}: "a\\nb\\u2028" must be an`);
  });
});

test("what the reference accepts is accepted: no metadata, other fields, empty tensors, names of every kind", () => {
  const json = encode(
    `  {"__proto__": ${entry("F32", "[1]", "[0, 4]")}, "empty": ${entry("F32", "[0, 7]", "[4, 4]")},` +
      ` "constructor": {"dtype": "U8", "shape": [], "data_offsets": [4, 5], "note": [1]}, "__metadata__": null}  `,
  );
  const start = 8 + json.length;
  const header = parseHeader(json, start + 5, PATH);
  expect([...header.tensors.keys()]).toEqual(["__proto__", "empty", "constructor"]);
  expect(header.tensors.get("constructor")).toEqual({ dtype: "U8", shape: [], begin: start + 4, end: start + 5 });
  expect("toString" in header.metadata).toBe(false);
});

describe("a mutated file", () => {
  const tensors = {
    "wte.weight": { dtype: "F32", shape: [3, 2], data_offsets: [0, 24] },
    ids: { dtype: "I64", shape: [1], data_offsets: [24, 32] },
    half: { dtype: "BF16", shape: [2], data_offsets: [32, 36] },
    mask: { dtype: "BOOL", shape: [2], data_offsets: [36, 38] },
  };
  const json = JSON.stringify({ __metadata__: { format: "pt" }, ...tensors });
  const whole = file(json, 38);
  const headerEnd = whole.length - 38;

  const at = fc.nat({ max: headerEnd });
  const hostile = ["-1", "1152921504606846976", "1e400", "0.5", "NaN", "null", '"0"', "[]", "{}", "1000000000", "25"];
  const mutation = fc.oneof(
    fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(
      ([i, mask]) =>
        (b: number[]) =>
          b.with(i % b.length, b[i % b.length]! ^ mask),
    ),
    fc.tuple(at, fc.uint8Array({ minLength: 1, maxLength: 9 })).map(
      ([i, more]) =>
        (b: number[]) =>
          b.toSpliced(i, 0, ...more),
    ),
    fc.tuple(at, fc.nat({ max: 9 })).map(
      ([i, n]) =>
        (b: number[]) =>
          b.toSpliced(i, n),
    ),
    fc.nat({ max: whole.length }).map((n) => (b: number[]) => b.slice(0, n)),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => (b: number[]) => [...file("", 0, n), ...b.slice(8)]),
    fc.constantFrom(1_000_000_000n, 100_000_000n, 0n).map((n) => (b: number[]) => [...file("", 0, n), ...b.slice(8)]),
  );
  const numbers = [...json.matchAll(/\d+(?=[,\]])/g)].map((match) => match.index);
  const replaced = fc.tuple(fc.constantFrom(...numbers), fc.constantFrom(...hostile)).map(([i, n]) => {
    return [...file(json.slice(0, i) + json.slice(i).replace(/\d+/, n), 38)];
  });
  const mutated = fc.oneof(
    fc
      .array(mutation, { minLength: 1, maxLength: 3 })
      .map((ms) => ms.reduce((b, m) => (b.length ? m(b) : b), [...whole])),
    replaced,
  );

  test("is read, or refused in one line that starts with its path; it never asks for more than it holds", () => {
    let refused = 0;
    const property = fc.property(mutated, (numbers) => {
      const bytes = Uint8Array.from(numbers);
      let asked = 0;
      const before = process.memoryUsage().arrayBuffers;
      try {
        const source = { path: PATH, size: bytes.length, close: () => {} };
        const read = (into: Uint8Array, position: number) => {
          asked += into.length;
          into.set(bytes.subarray(position, position + into.length));
        };
        readAll(openSource({ ...source, read }));
      } catch (error) {
        oneLine(error);
        refused++;
      }
      expect(asked).toBeLessThanOrEqual(bytes.length);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * bytes.length + 10_000);
    });
    fc.assert(property, { numRuns: 3000 });
    expect(refused).toBeGreaterThan(1500);
  });

  test("is so on disk too", () => {
    const path = join(folder, PATH);
    const property = fc.property(mutated, (numbers) => {
      writeFileSync(path, Uint8Array.from(numbers));
      try {
        using weights = openSafetensors(path);
        readAll(weights);
      } catch (error) {
        expect(oneLine(error).startsWith(path)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});

function readAll(weights: Weights): void {
  for (const name of weights.tensors.keys()) weights.read(name);
}

/** The message of an error of ours: not one of the engine's, one line, not too long. */
function oneLine(error: unknown): string {
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect((error as Error).constructor).toBe(Error);
  expect(message).toMatch(/^[^\n\r]{1,400}$/);
  expect(message).toContain(PATH);
  return message;
}
