import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReadTextOptions, readText } from "./text-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "text-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const read = async (paths: string | readonly string[], options?: ReadTextOptions): Promise<string[]> => {
  const pieces: string[] = [];
  for await (const piece of readText(paths, options)) pieces.push(piece);
  return pieces;
};
const whole = async (...args: Parameters<typeof read>) => (await read(...args)).join("");

describe("a text", () => {
  test("comes back as it was, in pieces that never cut a character", () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1 }), fc.nat(3), async (text, shift) => {
        const long =
          "x".repeat(shift) + `${text.replaceAll("\0", "").replace(/^\ufeff/, "")}€😀`.repeat(60_000 / text.length);
        const pieces = await read(file("long.txt", long));
        expect(pieces.join("") === long).toBe(true);
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
      }),
      { numRuns: 10 },
    ));

  test("of several files is one after the other", async () => {
    expect(await whole([file("a.txt", "one\n"), file("b.txt", "two")])).toBe("one\ntwo");
  });

  test("keeps its line ends and loses its byte order mark, in each file", async () => {
    expect(await whole([file("a.txt", "\ufeffone\r\ntwo\r"), file("b.txt", "\ufeffthree \ufeff")])).toBe(
      "one\r\ntwo\rthree \ufeff",
    );
  });

  test("may have another encoding", async () => {
    expect(await whole(file("latin.txt", Uint8Array.of(0x66, 0xfc, 0x72, 0x80)), { encoding: "windows-1252" })).toBe(
      "für€",
    );
    expect(await whole(file("wide.txt", Buffer.from("\ufefffür 😀", "utf16le")), { encoding: "utf-16le" })).toBe(
      "für 😀",
    );
  });

  test("may have what is wrong in it replaced", async () => {
    expect(await whole(file("bad.txt", Uint8Array.of(0x61, 0xff, 0x62, 0xe2, 0x82)), { fatal: false })).toBe(
      "a\ufffdb\ufffd",
    );
  });
});

describe("one clear line says that", () => {
  test("there is no such file", async () => {
    const path = join(folder, "nowhere.txt");
    await expect(read(path)).rejects.toThrow(`${path}: there is no such file (it was looked for at ${path})`);
  });

  test("a name is empty", async () => {
    await expect(read("")).rejects.toThrow('"" is no file\'s name; name a text file');
  });

  test("a folder is no file", async () => {
    await expect(read(folder)).rejects.toThrow(`${folder}: is a folder; name the files in it`);
  });

  test("a file is empty", async () => {
    const path = file("empty.txt", "");
    await expect(read(path)).rejects.toThrow(`${path}: is empty; name a file with text in it`);
  });

  test("no file was named", async () => {
    await expect(read([])).rejects.toThrow("readText: no files to read; name at least one");
  });

  test.skipIf(process.platform === "win32")("a pipe is no file", async () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    await expect(read(path)).rejects.toThrow(`${path}: is a pipe or a device; save what comes from it as a file first`);
  });

  test("a part of the path is a file", async () => {
    const path = join(file("plain.txt", "x"), "inside.txt");
    await expect(read(path)).rejects.toThrow(`${path}: a part of this path is not a folder`);
  });

  test("an encoding is unknown", async () => {
    await expect(read(file("a.txt", "x"), { encoding: "utf9" })).rejects.toThrow(
      'encoding "utf9" is not known here; try utf-8, utf-16le or windows-1252',
    );
  });

  test("a file is binary", async () => {
    const path = file("binary.bin", Uint8Array.of(0x61, 0x62, 0, 0xff));
    await expect(read(path)).rejects.toThrow(
      `${path}: holds a NUL byte at position 2, so it is binary data; name a text file`,
    );
  });

  test.each([
    ["utf16le", [0xff, 0xfe, 0x61, 0], "utf-16le"],
    ["utf16be", [0xfe, 0xff, 0, 0x61], "utf-16be"],
  ])("a file is %s", async (_, bytes, name) => {
    const path = file("wide.txt", Uint8Array.from(bytes));
    await expect(read(path)).rejects.toThrow(
      `${path}: starts with the byte order mark of UTF-16; read it with the encoding ${name}`,
    );
  });

  test("a file ends in the middle of a character", async () => {
    const path = file("cut.txt", Buffer.from("abc€").subarray(0, 5));
    await expect(read(path)).rejects.toThrow(`${path}: ends in the middle of a utf-8 character; was it cut?`);
  });

  test("a byte is wrong, and where, whatever came before it and wherever the pieces end", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 2, 1 << 17, 1 << 18, (1 << 19) - 3),
        fc.nat(6),
        fc.constantFrom([0xff], [0xe9, 0x20], [0xf0, 0x9f, 0x98, 0x20], [0xc0, 0x80], [0xed, 0xa0, 0x80]),
        async (length, more, wrong) => {
          const before = Buffer.from(`${"ü".repeat(length >> 1)}${"€".repeat(more)}`);
          const path = file("wrong.txt", Buffer.concat([before, Uint8Array.from(wrong), Buffer.from("and more")]));
          await expect(read(path)).rejects.toThrow(
            `${path}: byte 0x${wrong[0]!.toString(16)} at position ${before.length} is not utf-8; ` +
              "give the file's own encoding, such as windows-1252",
          );
        },
      ),
      { numRuns: 15 },
    ));
});
