import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockFolder } from "./lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const inUse = (where: string, pid: number | undefined) =>
  `${where}: process ${pid} is training into this folder; wait for it, or choose another --out`;

/** A process that holds the folder until it is killed. */
async function holder() {
  const code = `
    import { lockFolder } from "${new URL("../../dist/src/train/lock.js", import.meta.url)}";
    lockFolder(${JSON.stringify(folder)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test("a folder that is given back can be taken again", () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(inUse(folder, process.pid));
  release();
  expect(readdirSync(folder)).toEqual([]);
  lockFolder(folder)();
});

test.skipIf(process.platform === "win32")("a folder is the same under another name", () => {
  const other = `${folder}-link`;
  symlinkSync(folder, other);
  const release = lockFolder(folder);
  expect(() => lockFolder(other)).toThrow(inUse(other, process.pid));
  release();
  rmSync(other);
});

test("a living process keeps its folder, and a killed one leaves it to the next", async () => {
  const child = await holder();
  expect(() => lockFolder(folder)).toThrow(inUse(folder, child.pid));
  expect(readdirSync(folder)).toHaveLength(1);
  child.kill("SIGKILL");
  await once(child, "close");
  expect(readdirSync(folder)).toHaveLength(1);
  const release = lockFolder(folder);
  expect(readdirSync(folder)).toEqual([expect.stringContaining(`.lock-${process.pid}-`)]);
  release();
});

test.skipIf(process.platform !== "linux")("a dead process's number, given to another, does not hold the folder", () => {
  writeFileSync(join(folder, `.lock-${process.ppid}-1`), ""); // it lives, but did not begin then
  writeFileSync(join(folder, `.lock-${process.pid}-1`), "");
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([]);
});

test("marks of processes that cannot be, and files that are no marks, are in nobody's way", () => {
  writeFileSync(join(folder, ".lock-99999999-5"), "");
  writeFileSync(join(folder, ".lock-me"), "");
  lockFolder(folder)();
  expect(readdirSync(folder)).toEqual([".lock-me"]);
});

test("a folder that is not there is told", () => {
  expect(() => lockFolder(join(folder, "absent"))).toThrow("absent: no such file or folder");
});
