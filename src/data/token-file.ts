/** Encoded text of any size in Node: in memory while it is small, in a temporary file when it is not. */
import { randomUUID } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain, type OpenFile, readFully } from "../formats/file.ts";
import type { Ids, TokenSource } from "./token-source.ts";

export interface CollectOptions {
  /** Ids are below this; up to 65,536 they take two bytes each, above it four. */
  readonly vocabSize: number;
  /** Bytes of ids to hold in memory (default 64 MiB); more go to a temporary file. */
  readonly memory?: number;
  /** Where that file is (default: the system's folder for them). It has no name there: it goes when the process does. */
  readonly folder?: string;
}

/** A source to be closed when it is no longer needed: with `using`, or `close()`. */
export interface CollectedTokens extends TokenSource, Disposable {
  close(): void;
}

/**
 * All the ids of a text that is encoded a piece at a time:
 * `await collectTokens(encodeChunks(tokenizer, readText(paths)), { vocabSize: tokenizer.vocabSize })`.
 * Throws for an id outside the vocabulary and for a file that cannot be written.
 */
export async function collectTokens(
  pieces: AsyncIterable<ArrayLike<number>> | Iterable<ArrayLike<number>>,
  { vocabSize, memory = 2 ** 26, folder = tmpdir() }: CollectOptions,
): Promise<CollectedTokens> {
  const Width = vocabSize <= 2 ** 16 ? Uint16Array : Uint32Array;
  const most = Math.max(1, Math.floor(memory / Width.BYTES_PER_ELEMENT));
  let buffer: Ids = new Width(Math.min(most, 2 ** 12));
  let used = 0;
  let file: TemporaryFile | undefined;
  try {
    for await (const piece of pieces)
      for (let i = 0; i < piece.length; i++) {
        if (used === buffer.length) {
          if (used < most) buffer = enlarged(buffer, Math.min(most, 2 * used));
          else {
            file ??= temporaryFile(folder);
            file.append(buffer);
            used = 0;
          }
        }
        const id = piece[i]!;
        if (!(id >= 0 && id < vocabSize))
          throw new RangeError(
            `tokens: id ${id} is outside a vocabulary of ${vocabSize}, whose ids are 0 … ${vocabSize - 1}`,
          );
        buffer[used++] = id;
      }
    file?.append(buffer.subarray(0, used));
  } catch (error) {
    file?.close();
    throw error;
  }
  return file ? inFile(file, Width) : inMemory(buffer.subarray(0, used));
}

function enlarged(ids: Ids, length: number): Ids {
  const larger = ids instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
  larger.set(ids);
  return larger;
}

function inMemory(ids: Ids): CollectedTokens {
  return { length: ids.length, slice: (begin, end) => ids.slice(begin, end), close() {}, [Symbol.dispose]() {} };
}

function inFile(file: TemporaryFile, Width: Uint16ArrayConstructor | Uint32ArrayConstructor): CollectedTokens {
  return {
    length: file.size / Width.BYTES_PER_ELEMENT,
    slice(begin, end) {
      const ids = new Width(end - begin);
      readFully(file, new Uint8Array(ids.buffer), begin * Width.BYTES_PER_ELEMENT);
      return ids;
    },
    close: file.close,
    [Symbol.dispose]: file.close,
  };
}

interface TemporaryFile extends OpenFile {
  append(ids: Ids): void;
  close(): void;
}

/** Its name is removed at once, so that nothing is left behind however the process ends. */
function temporaryFile(folder: string): TemporaryFile {
  const path = join(folder, `trainformer-tokens-${randomUUID()}`);
  let size = 0;
  let open = true;
  try {
    const fd = openSync(path, "wx+");
    unlinkSync(path);
    return {
      path,
      fd,
      get size() {
        return size;
      },
      append(ids) {
        const bytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
        try {
          for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
        } catch (error) {
          throw explain(path, error);
        }
        size += bytes.length;
      },
      close() {
        if (open) closeSync(fd);
        open = false;
      },
    };
  } catch (error) {
    throw explain(path, error);
  }
}
