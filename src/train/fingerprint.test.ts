import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fingerprintFile, fingerprintText } from "./fingerprint.ts";

const folder = mkdtempSync(join(tmpdir(), "fingerprint-"));
const path = join(folder, "a.txt");
afterAll(() => rmSync(folder, { recursive: true }));

const of = (bytes: Uint8Array) => {
  writeFileSync(path, bytes);
  return fingerprintFile(path);
};

test("a small file is hashed whole, and has the same fingerprint elsewhere", () => {
  const hash = createHash("sha256").update("To be").digest("hex");
  expect(of(Buffer.from("To be"))).toEqual({ name: "a.txt", bytes: 5, sha256: hash });
  mkdirSync(join(folder, "b"));
  cpSync(path, join(folder, "b", "a.txt"));
  expect(fingerprintFile(join(folder, "b", "a.txt"))).toEqual(fingerprintFile(path));
  expect(of(new Uint8Array())).toMatchObject({ bytes: 0 });
});

test("of a large one, a change at either end or in size is seen", () => {
  const MiB = 2 ** 20;
  const bytes = new Uint8Array(2.5 * MiB);
  const same = of(bytes).sha256;
  for (const at of [0, MiB - 1, 1.5 * MiB, 2.5 * MiB - 1]) expect(of(bytes.with(at, 1)).sha256).not.toBe(same);
  expect(of(bytes.with(1.2 * MiB, 1)).sha256).toBe(same); // the middle of a gigabyte is not read
  expect(of(bytes.subarray(1))).toMatchObject({ bytes: 2.5 * MiB - 1, sha256: same });
});

test("a text has one too, its size in UTF-8", () => {
  expect(fingerprintText("löß")).toMatchObject({ name: "text", bytes: 5 });
  const long = "a".repeat(3e6);
  expect(fingerprintText(`${long}b`).sha256).not.toBe(fingerprintText(`${long}c`).sha256);
  expect(fingerprintText(`b${long}`, "train").sha256).not.toBe(fingerprintText(`c${long}`).sha256);
});

test("what is no file is told", () => {
  expect(() => fingerprintFile(join(folder, "absent"))).toThrow("absent: no such file or folder");
  expect(() => fingerprintFile(folder)).toThrow(`${folder}: is not a regular file`);
});
