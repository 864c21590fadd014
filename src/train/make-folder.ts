/** Folders that are there after a power cut (Node). */
import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { syncFolder } from "../formats/index.ts";

/** Makes a folder and those above it where they are missing, each entered in a synced folder. @throws the system's error */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  const above = dirname(resolve(first));
  for (let made = resolve(path); made !== above; made = dirname(made)) syncFolder(dirname(made));
}
