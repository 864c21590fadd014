/** Text files of any size in Node, a piece at a time: checked, and never held as a whole. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { TextDecoder } from "node:util";
import { explain } from "../formats/file.ts";
import { quote } from "../formats/quote.ts";

const CHUNK = 1 << 18; // bytes: small enough for a caller's timers to run in between

export interface ReadTextOptions {
  /** A name from the Encoding Standard (encoding.spec.whatwg.org): utf-8, utf-16le, windows-1252, shift_jis … */
  readonly encoding?: string;
  /** False: what is wrong in the encoding becomes U+FFFD instead of an error. */
  readonly fatal?: boolean;
}

/**
 * The text of a file, or of several one after the other with nothing between, in pieces that end between characters.
 * A byte order mark at the start of a file is left out; line ends stay as they are, `\r\n` too.
 *
 * Throws at the first piece for an unknown encoding and for a file that is missing, empty or not a regular file; later
 * for bytes that are wrong in the encoding, with their position, and for binary data: a NUL byte, except in UTF-16.
 */
export async function* readText(
  paths: string | readonly string[],
  { encoding = "utf-8", fatal = true }: ReadTextOptions = {},
): AsyncGenerator<string> {
  const all = typeof paths === "string" ? [paths] : paths;
  if (all.length === 0) throw new Error("readText: no files to read; name at least one");
  decoderOf(encoding);
  await checkTextFiles(all);
  for (const path of all) yield* readFile(path, encoding, fatal);
}

async function* readFile(path: string, encoding: string, fatal: boolean): AsyncGenerator<string> {
  const file = await open(path).catch((error: unknown) => {
    throw explain(path, error);
  });
  const decoder = decoderOf(encoding, fatal);
  const decode = async (bytes: Uint8Array, stream: boolean): Promise<string> => {
    try {
      return decoder.decode(bytes, { stream });
    } catch {
      throw new Error(`${path}: ${await firstError(file, encoding)}`);
    }
  };
  try {
    for await (const [bytes, position] of chunks(file)) {
      const problem = decoder.encoding.startsWith("utf-16") ? undefined : binary(bytes, position);
      if (problem) throw new Error(`${path}: ${problem}`);
      yield await decode(bytes, true);
    }
    yield await decode(new Uint8Array(), false);
  } catch (error) {
    throw explain(path, error);
  } finally {
    await file.close();
  }
}

function decoderOf(encoding: string, fatal = true): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal });
  } catch {
    throw new Error(`encoding ${quote(encoding)} is not known here; try utf-8, utf-16le or windows-1252`);
  }
}

/** Throws for a file that is missing, empty or not a regular file, and reads none of them. */
export async function checkTextFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) await checkFile(path);
}

async function checkFile(path: string): Promise<void> {
  if (path === "") throw new Error('"" is no file\'s name; name a text file');
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT")
      throw new Error(`${path}: there is no such file (it was looked for at ${resolve(path)})`);
    throw explain(path, error);
  });
  if (found.isDirectory()) throw new Error(`${path}: is a folder; name the files in it`);
  if (!found.isFile()) throw new Error(`${path}: is a pipe or a device; save what comes from it as a file first`);
  if (found.size === 0) throw new Error(`${path}: is empty; name a file with text in it`);
}

/** Pieces of a file and where they start; each is overwritten by the next. */
async function* chunks(file: FileHandle): AsyncGenerator<[bytes: Uint8Array, position: number]> {
  const buffer = new Uint8Array(CHUNK);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
    if (bytesRead === 0) return;
    yield [buffer.subarray(0, bytesRead), position];
    position += bytesRead;
  }
}

function binary(bytes: Uint8Array, position: number): string | undefined {
  const mark = position === 0 ? (bytes[0]! << 8) | (bytes[1] ?? 0) : 0;
  if (mark === 0xfffe) return "starts with the byte order mark of UTF-16; read it with the encoding utf-16le";
  if (mark === 0xfeff) return "starts with the byte order mark of UTF-16; read it with the encoding utf-16be";
  const nul = bytes.indexOf(0);
  if (nul >= 0) return `holds a NUL byte at position ${position + nul}, so it is binary data; name a text file`;
  return undefined;
}

/** Reads again to find where it fails: whole pieces with one decoder, and with a second, one piece behind, single bytes. */
async function firstError(file: FileHandle, encoding: string): Promise<string> {
  const ahead = decoderOf(encoding);
  const behind = decoderOf(encoding);
  let before: [bytes: Uint8Array, position: number] = [new Uint8Array(), 0];
  for await (const [bytes, position] of chunks(file)) {
    try {
      ahead.decode(bytes, { stream: true });
    } catch {
      const near = Buffer.concat([before[0], bytes]);
      const at = badByte(near, behind);
      const byte = `0x${near[at]!.toString(16).padStart(2, "0")}`;
      return `byte ${byte} at position ${before[1] + at} is not ${encoding}; give the file's own encoding, such as windows-1252`;
    }
    behind.decode(before[0], { stream: true });
    before = [bytes.slice(), position];
  }
  return `ends in the middle of a ${encoding} character; was it cut?`;
}

/** Where the character begins that the decoder cannot read. */
function badByte(bytes: Uint8Array, decoder: TextDecoder): number {
  let begin = 0;
  try {
    for (let i = 0; i < bytes.length; i++)
      if (decoder.decode(bytes.subarray(i, i + 1), { stream: true }) !== "") begin = i + 1;
  } catch {
    // `begin` is the answer
  }
  return begin;
}
