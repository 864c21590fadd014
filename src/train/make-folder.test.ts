import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

const root = mkdtempSync(join(tmpdir(), "make-folder-"));
afterAll(() => rmSync(root, { recursive: true }));

test("a folder is made with those above it; one that is there stays", () => {
  const path = join(root, "a", "b", "c");
  makeFolder(path);
  writeFileSync(join(path, "kept"), "");
  makeFolder(path);
  expect(existsSync(join(path, "kept"))).toBe(true);
});

test("a file in the way is an error", () => {
  writeFileSync(join(root, "file"), "");
  expect(() => makeFolder(join(root, "file"))).toThrow("EEXIST");
  expect(() => makeFolder(join(root, "file", "below"))).toThrow("ENOTDIR");
});

test.skipIf(process.platform !== "linux")("where a system makes no folders, it is told so at once", () => {
  expect(() => makeFolder("/proc/trainformer/run")).toThrow("ENOENT");
});
