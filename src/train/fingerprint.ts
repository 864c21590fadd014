/** What a resumed run knows its data by: the size, and a hash of both ends, so that a gigabyte need not be read (Node). */
import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { basename } from "node:path";
import { openFile, readFully } from "../formats/file.ts";

/** Equal for the same file under another folder; a change in the middle that leaves the size is not seen. */
export type Fingerprint = {
  readonly name: string;
  readonly bytes: number;
  /** Of the first and the last MiB, in hexadecimal; of all where there is no more. */
  readonly sha256: string;
};

const END = 2 ** 20;

/** @throws when it is no regular file that can be read */
export function fingerprintFile(path: string): Fingerprint {
  const file = openFile(path);
  try {
    const first = new Uint8Array(Math.min(END, file.size));
    const last = new Uint8Array(Math.min(END, file.size - first.length));
    readFully(file, first, 0);
    readFully(file, last, file.size - last.length);
    return { name: basename(path), bytes: file.size, sha256: sha256(first, last) };
  } finally {
    closeSync(file.fd);
  }
}

/** The same of a text that is in memory; its ends are counted in UTF-16 units. */
export function fingerprintText(text: string, name = "text"): Fingerprint {
  const last = text.slice(Math.max(END, text.length - END));
  return { name, bytes: Buffer.byteLength(text), sha256: sha256(text.slice(0, END), last) };
}

function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
