/**
 * Tensors of a safetensors file, read one by one from wherever its bytes are: a file (safetensors-file.ts) or memory.
 * Narrow floats become float32 a piece at a time, so that the target is the only copy at full size.
 */
import { ARRAYS, bytesOf, type HostArray, type HostDtype, type HostTensor, STORED } from "./dtype.ts";
import { quote, quoteList, show } from "./quote.ts";
import { headerLength, LENGTH_BYTES, parseHeader, type TensorInfo } from "./safetensors-header.ts";

const PIECE = 2 ** 20; // bytes; a multiple of every element's size

/** Bytes that can be read anywhere. */
export interface ByteSource {
  readonly path: string;
  readonly size: number;
  /** Fills `into` from byte `position` on. */
  read(into: Uint8Array, position: number): void;
  close(): void;
}

/** Open weights: hold with `using`, or close. Each method throws once they are closed. */
export interface Weights extends Disposable {
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What is there, in the order of the bytes; nothing is read yet. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * A tensor in memory of its own: F16, BF16 and F8 as float32, all others as they are.
   * @throws when there is no such tensor, a BOOL is neither 0 nor 1, the dtype has no array, or memory runs out
   */
  read(name: string): HostTensor;
  /**
   * A tensor straight into an array of as many elements, also a view of a `WebAssembly.Memory`: the array that `read`
   * returns, or for F64 a `Float32Array`, which rounds.
   * @throws as `read`, and when the array has another length or type
   */
  readInto(name: string, array: HostArray): void;
  close(): void;
}

/**
 * Opens a safetensors file that lies in memory, in a browser for instance. Nothing is copied until it is read.
 * @param path names the file in errors
 * @throws when the header is not right; see {@link parseHeader}
 */
export function openSafetensorsBytes(bytes: Uint8Array, path: string): Weights {
  return openSource({
    path,
    size: bytes.length,
    read: (into, position) => into.set(bytes.subarray(position, position + into.length)),
    close: () => {},
  });
}

/** Opens safetensors from a source, which it owns: closed with the weights, or at once when the header is not right. */
export function openSource(source: ByteSource): Weights {
  const { path } = source;
  try {
    const start = new Uint8Array(Math.min(LENGTH_BYTES, source.size));
    source.read(start, 0);
    const header = new Uint8Array(headerLength(start, source.size, path));
    source.read(header, LENGTH_BYTES);
    const { metadata, tensors } = parseHeader(header, source.size, path);
    return { path, metadata, tensors, ...readers(source, tensors) };
  } catch (error) {
    source.close();
    throw error;
  }
}

function readers(source: ByteSource, tensors: ReadonlyMap<string, TensorInfo>) {
  const { path } = source;
  let open = true;

  function find(name: string): TensorInfo {
    if (!open) throw new Error(`${path}: is closed, so ${quote(name)} cannot be read`);
    return tensors.get(name) ?? missing(path, name, tensors);
  }

  function read(name: string): HostTensor {
    const { dtype, shape } = find(name);
    const host = hostOf(dtype, `${path}: ${quote(name)}`);
    const data = allocate(host, shape, `${path}: ${quote(name)}`);
    readInto(name, data);
    return { dtype: host, shape, data } as HostTensor;
  }

  function readInto(name: string, array: HostArray): void {
    const info = find(name);
    fill(source, info, array, `${path}: ${quote(name)}`);
  }

  function close(): void {
    if (open) source.close();
    open = false;
  }

  return { read, readInto, close, [Symbol.dispose]: close };
}

/** Throws that there is no such tensor, and which there are. */
export function missing(path: string, name: string, tensors: ReadonlyMap<string, unknown>): never {
  throw new Error(`${path}: there is no ${quote(name)}; it holds ${quoteList([...tensors.keys()]) || "no tensors"}`);
}

function hostOf(dtype: string, where: string): HostDtype {
  return STORED.get(dtype)?.host ?? refuse(`${where} is ${dtype}, which no array here can hold`);
}

function allocate(dtype: HostDtype, shape: readonly number[], where: string): HostArray {
  const elements = shape.reduce((a, b) => a * b, 1);
  try {
    return new ARRAYS[dtype](elements);
  } catch (cause) {
    const bytes = elements * ARRAYS[dtype].BYTES_PER_ELEMENT;
    throw new Error(`${where} needs ${bytes} bytes of memory, more than can be had`, { cause });
  }
}

function fill(source: ByteSource, { dtype, shape, begin, end }: TensorInfo, array: HostArray, where: string): void {
  const elements = shape.reduce((a, b) => a * b, 1);
  const host = hostOf(dtype, where);
  const { toFloat32, bits } = STORED.get(dtype)!;
  if (array.length !== elements)
    refuse(`${where} is ${dtype}${show(shape)}, ${elements} elements, but the array has ${array.length}`);

  if (array instanceof ARRAYS[host] && array.BYTES_PER_ELEMENT * 8 === bits) {
    let at = begin;
    for (const bytes of bytesOf(array)) {
      source.read(bytes, at);
      at += bytes.length;
    }
  } else if (array instanceof Float32Array && toFloat32) {
    const piece = new Uint8Array(Math.min(PIECE, end - begin));
    for (let at = begin; at < end; at += PIECE) {
      const part = piece.subarray(0, Math.min(PIECE, end - at));
      source.read(part, at);
      const first = ((at - begin) * 8) / bits;
      toFloat32(part, array.subarray(first, first + (part.length * 8) / bits));
    }
  } else refuse(`${where} is ${dtype}, which cannot be read into a ${array.constructor.name}`);
  if (dtype === "BOOL" && array.some((byte) => byte > 1)) refuse(`${where} is BOOL, but has bytes other than 0 and 1`);
}

function refuse(why: string): never {
  throw new Error(why);
}
