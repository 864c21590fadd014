/**
 * One process at a time in a folder (Node). A process marks it with an empty file `.lock-<pid>-<start>`, where `start`
 * is when it began, so that its number, given to another process later, does not hold the folder for ever. It makes its
 * mark before it looks for those of others: of two at once, at least one sees the other.
 */
import { readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../formats/file.ts";

const MARK = /^\.lock-([1-9]\d*)-(\d*)$/;
const held = new Set<string>(); // by this process

export const isLock = (name: string): boolean => MARK.test(name);

/**
 * Takes a folder for this process and returns the function that gives it back; marks of dead processes are removed.
 * @throws when a living process holds it, this one included; it does not see processes of other machines or containers
 */
export function lockFolder(folder: string): () => void {
  const own = `.lock-${process.pid}-${readProcess(process.pid)?.start ?? ""}`;
  const path = join(realPathOf(folder), own);
  if (held.has(path)) throw inUse(folder, process.pid);
  const release = () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
  try {
    writeFileSync(path, "");
    for (const name of readdirSync(folder)) {
      const [, pid, start] = MARK.exec(name) ?? [];
      if (pid === undefined || name === own) continue;
      if (isAlive(Number(pid), start!)) throw inUse(folder, Number(pid));
      rmSync(join(folder, name), { force: true });
    }
  } catch (error) {
    release();
    throw explain(folder, error);
  }
  held.add(path);
  return release;
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch (error) {
    throw explain(folder, error);
  }
}

function inUse(folder: string, pid: number): Error {
  return new Error(`${folder}: process ${pid} is training into this folder; wait for it, or choose another --out`);
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0); // asks only
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = readProcess(pid);
  return now === undefined || (now.state !== "Z" && now.start === start);
}

/** A process's state ("Z": dead, not yet buried) and start, in ticks since the machine's; undefined where it can't be told. */
function readProcess(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from the third on: the second may hold spaces
    return { state: fields[0]!, start: fields[19]! };
  } catch {
    return undefined;
  }
}
