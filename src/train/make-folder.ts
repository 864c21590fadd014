/** Folders that are there after a power cut (Node). */
import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { syncFolder } from "../formats/index.ts";

/** Makes a folder and those above it where they are missing, each entered in a synced folder. @throws the system's error */
export function makeFolder(path: string): void {
  const whole = resolve(path);
  if (isFolder(whole)) return;
  const above = dirname(whole);
  if (statSync(above, { throwIfNoEntry: false })?.isFile())
    throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${whole}'`), { code: "ENOTDIR" }); // as Node 20's own
  if (above !== whole) makeFolder(above); // Node's own `recursive` never returns where a system refuses with ENOENT, as /proc does
  try {
    mkdirSync(whole);
  } catch (error) {
    if (!isFolder(whole)) throw error; // else somebody made it meanwhile
  }
  syncFolder(above);
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
