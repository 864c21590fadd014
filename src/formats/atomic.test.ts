import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { removeUnfinished, replaceFile, writeFileAtomic } from "./atomic.ts";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  return { ...real, writeSync: vi.fn(real.writeSync), fsyncSync: vi.fn(real.fsyncSync) };
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "atomic-"));
  path = join(folder, "state.json");
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function systemError(code: string): never {
  throw Object.assign(new Error(`${code}: something, write`), { code });
}

test("a file is made, and replaced", () => {
  writeFileAtomic(path, "löß");
  expect(fs.readFileSync(path, "utf8")).toBe("löß");
  writeFileAtomic(path, Uint8Array.of(1, 2));
  expect([...fs.readFileSync(path)]).toEqual([1, 2]);
  expect(fs.readdirSync(folder)).toEqual(["state.json"]);
});

test("the file and its folder are synced before it returns", () => {
  vi.mocked(fs.fsyncSync).mockClear();
  writeFileAtomic(path, "new");
  expect(fs.fsyncSync).toHaveBeenCalledTimes(process.platform === "win32" ? 1 : 2);
});

test("pieces that the system takes only in part are written whole", () => {
  const oneByte = (fd: number, bytes: Uint8Array, from: number) => fs.writeSync(fd, bytes, from, 1);
  vi.mocked(fs.writeSync).mockImplementationOnce(oneByte as typeof fs.writeSync);
  replaceFile(path, (append) => {
    append(new TextEncoder().encode("abc"));
    append(new TextEncoder().encode("def"));
  });
  expect(fs.readFileSync(path, "utf8")).toBe("abcdef");
});

test("readers see the old file until the new one is whole", () => {
  writeFileAtomic(path, "old");
  replaceFile(path, (append) => {
    append(new TextEncoder().encode("new"));
    expect(fs.readFileSync(path, "utf8")).toBe("old");
  });
  expect(fs.readFileSync(path, "utf8")).toBe("new");
});

test.each([
  ["ENOSPC", "the disk is full; free some space and try again"],
  ["EDQUOT", "the disk quota is used up; free some space and try again"],
  ["EIO", "the disk reports an input/output error"],
  ["EWHAT", 'EWHAT: "EWHAT: something, write"'],
])("%s leaves the old file and nothing else, and names the file", (code, meaning) => {
  writeFileAtomic(path, "old");
  vi.mocked(fs.writeSync).mockImplementationOnce(() => systemError(code));
  expect(() => writeFileAtomic(path, "new")).toThrow(new Error(`${path}: ${meaning}`));
  vi.mocked(fs.fsyncSync).mockImplementationOnce(() => systemError(code));
  expect(() => writeFileAtomic(path, "new")).toThrow(new Error(`${path}: ${meaning}`));
  expect(fs.readFileSync(path, "utf8")).toBe("old");
  expect(fs.readdirSync(folder)).toEqual(["state.json"]);
});

test("an error of the writer's own leaves the old file, and comes out as it is", () => {
  writeFileAtomic(path, "old");
  const error = new Error("not a number");
  const fail = () => {
    throw error;
  };
  expect(() => replaceFile(path, fail)).toThrow(error);
  expect(fs.readdirSync(folder)).toEqual(["state.json"]);
});

test("a folder that is missing or in the way is named", () => {
  const absent = join(folder, "runs", "state.json");
  expect(() => writeFileAtomic(absent, "new")).toThrow(`${absent}: its folder does not exist; make it first`);
  fs.mkdirSync(path);
  expect(() => writeFileAtomic(path, "new")).toThrow(`${path}: is a folder, not a file`);
  expect(fs.readdirSync(folder)).toEqual(["state.json"]);
  const below = join(folder, "file", "state.json");
  fs.writeFileSync(join(folder, "file"), "");
  expect(() => writeFileAtomic(below, "new")).toThrow(`${below}: a part of this path is not a folder`);
});

test.skipIf(process.platform === "win32")("a symbolic link is replaced, and what it led to stays", () => {
  const blob = join(folder, "blob");
  fs.writeFileSync(blob, "shared");
  fs.symlinkSync(blob, path);
  writeFileAtomic(path, "own");
  expect([fs.readFileSync(blob, "utf8"), fs.readFileSync(path, "utf8")]).toEqual(["shared", "own"]);
});

test("what a killed process left behind can be removed", () => {
  let temporary = "";
  replaceFile(path, () => {
    temporary = fs.readdirSync(folder)[0]!;
  });
  fs.writeFileSync(join(folder, temporary), "half");
  removeUnfinished(folder);
  expect(fs.readdirSync(folder)).toEqual(["state.json"]);
  expect(() => removeUnfinished(join(folder, "absent"))).toThrow("absent: no such file or folder");
});
