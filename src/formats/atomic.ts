/**
 * Files that are replaced whole or not at all, whatever is killed and whenever: written under a temporary name in the
 * same folder, synced, renamed, and the folder synced (Node). A symbolic link is replaced, not followed.
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { explain, MOST_BYTES_A_CALL } from "./file.ts";

/** What temporary names start with; a killed process leaves one behind. */
const UNFINISHED = ".unfinished-";

/**
 * Replaces a file by what `write` appends.
 * @throws what `write` throws, or the system's error in words (disk full …); the old file is then as it was
 */
export function replaceFile(path: string, write: (append: (bytes: Uint8Array) => void) => void): void {
  const temporary = join(dirname(path), UNFINISHED + randomBytes(8).toString("hex"));
  const file = open(temporary, path);
  try {
    try {
      write((bytes) => appendFully(file, bytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw explain(path, error);
  }
}

/** Replaces a file by these bytes, or by this text as UTF-8. As {@link replaceFile}. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  replaceFile(path, (append) => append(typeof content === "string" ? new TextEncoder().encode(content) : content));
}

/**
 * Removes what killed processes left unfinished in a folder. Only for a folder's owner: another process that is
 * writing there would lose its file.
 */
export function removeUnfinished(folder: string): void {
  try {
    for (const name of readdirSync(folder))
      if (name.startsWith(UNFINISHED)) rmSync(join(folder, name), { recursive: true, force: true });
  } catch (error) {
    throw explain(folder, error);
  }
}

/** A rename is on disk once its folder is. Windows cannot open a folder; there a rename is enough. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function open(temporary: string, path: string): number {
  if (!existsSync(dirname(path))) throw new Error(`${path}: its folder does not exist; make it first`);
  try {
    return openSync(temporary, "wx");
  } catch (error) {
    throw explain(path, error);
  }
}

function appendFully(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, Math.min(MOST_BYTES_A_CALL, bytes.length - done));
}
