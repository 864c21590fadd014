/** Reading files in Node: only regular ones (a pipe or a device may never end), with the system's errors in words. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { quote } from "./quote.ts";

/** One system call moves less than 2 GiB. */
export const MOST_BYTES_A_CALL = 2 ** 30;

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up; free some space and try again",
  EEXIST: "exists already",
  EFBIG: "the file would be larger than the system allows",
  EIO: "the disk reports an input/output error",
  EISDIR: "is a folder, not a file",
  ELOOP: "too many symbolic links",
  EMFILE: "too many files are open (see `ulimit -n`)",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or folder",
  ENOSPC: "the disk is full; free some space and try again",
  ENOTDIR: "a part of this path is not a folder",
  EPERM: "the operation is not permitted",
  EROFS: "the disk is read-only",
};

/** A system error (`error.code`) as one line that starts with the path; any other error as it is. */
export function explain(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const code = String(error.code);
  const meaning = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : `${code}: ${quote(error.message)}`;
  return new Error(`${path}: ${meaning}`, { cause: error });
}

/** An open regular file and its size in bytes. */
export interface OpenFile {
  readonly path: string;
  readonly fd: number;
  readonly size: number;
}

/** Opens a regular file for reading. The caller closes it. */
export function openFile(path: string): OpenFile {
  try {
    if (!statSync(path).isFile()) throw new Error(`${path}: is not a regular file`);
    const fd = openSync(path, "r");
    return { path, fd, size: fstatSync(fd).size };
  } catch (error) {
    throw explain(path, error);
  }
}

/** Fills `into` from byte `position` of the file on. */
export function readFully({ path, fd, size }: OpenFile, into: Uint8Array, position: number): void {
  try {
    for (let done = 0; done < into.length; ) {
      const wanted = Math.min(MOST_BYTES_A_CALL, into.length - done);
      const got = readSync(fd, into, done, wanted, position + done);
      if (got === 0)
        throw new Error(`${path}: ends at byte ${position + done} of ${size}: it was cut while it was read`);
      done += got;
    }
  } catch (error) {
    throw explain(path, error);
  }
}

/** A whole file of at most `maxBytes`. */
export function readBytes(path: string, maxBytes: number): Uint8Array {
  const file = openFile(path);
  try {
    if (file.size > maxBytes)
      throw new Error(`${path}: is ${file.size} bytes long, and ${maxBytes} is the most that is read here`);
    const bytes = new Uint8Array(file.size);
    readFully(file, bytes, 0);
    return bytes;
  } finally {
    closeSync(file.fd);
  }
}
