/**
 * The header of a safetensors file: its length (u64, little-endian), then JSON that names every tensor's dtype, shape
 * and place; the tensors' bytes follow without a gap. Everything in it is checked before use, as strictly as the
 * reference does and in duplicate names more so. https://huggingface.co/docs/safetensors#format
 */
import { STORED } from "./dtype.ts";
import { type Json, type JsonObject, parseEntries } from "./json.ts";
import { quote, show } from "./quote.ts";

/** Bytes of the header's length, at the start of the file. */
export const LENGTH_BYTES = 8;

const MOST_HEADER_BYTES = 100_000_000; // as in the reference
const LIMITS = { maxDepth: 3, maxItems: 250_000 }; // file, tensor, shape; the largest models have 100,000 tensors
const LFS_POINTER = "version "; // how the file that Git LFS leaves in a clone begins

/** One tensor of a file: its dtype as safetensors writes it, and which bytes of the file hold it. */
export interface TensorInfo {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a header says; tensors in the order of their bytes. */
export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/**
 * The header's length in bytes, of a file of `fileSize` bytes that starts with `start`.
 * @param path names the file in errors
 * @throws when the file is too short, or the header longer than the file or 100 MB
 */
export function headerLength(start: Uint8Array, fileSize: number, path: string): number {
  if (fileSize < LENGTH_BYTES)
    throw new Error(`${path}: has ${fileSize} bytes, too few for a safetensors file; is the download complete?`);
  if (new TextDecoder("latin1").decode(start.subarray(0, LENGTH_BYTES)) === LFS_POINTER)
    throw new Error(`${path}: is a Git LFS pointer, not the file itself; run \`git lfs pull\` in its folder`);
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > fileSize - LENGTH_BYTES)
    throw new Error(
      `${path}: its header claims ${length} bytes, of ${fileSize} in the file; is this safetensors, whole?`,
    );
  if (length > MOST_HEADER_BYTES)
    throw new Error(`${path}: its header claims ${length} bytes; ${MOST_HEADER_BYTES} is the most that is allowed`);
  return Number(length);
}

/**
 * Parses and checks the header's JSON, the bytes after the length.
 * @param fileSize bytes of the whole file
 * @param path names the file in errors
 * @throws one line that starts with the path and names the tensor and the numbers that disagree
 */
export function parseHeader(bytes: Uint8Array, fileSize: number, path: string): Header {
  const start = LENGTH_BYTES + bytes.length;
  const dataSize = fileSize - start;
  let metadata = checkMetadata(null, path);
  const tensors: [string, TensorInfo][] = [];
  const visit = (name: string, entry: Json) => {
    if (name === "__metadata__") metadata = checkMetadata(entry, path);
    else tensors.push([name, checkTensor(name, entry, dataSize, path)]);
  };
  parseEntries(decode(bytes, path), `${path} (header)`, visit, LIMITS);

  tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkLayout(tensors, dataSize, path);
  const placed = tensors.map(([name, info]): [string, TensorInfo] => [
    name,
    { ...info, begin: start + info.begin, end: start + info.end },
  ]);
  return { metadata, tensors: new Map(placed) };
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${path}: its header is not UTF-8 text; is this a safetensors file?`, { cause });
  }
}

function checkMetadata(json: Json, path: string): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null); // no key is there but the file's
  if (json === null) return metadata;
  if (!isObject(json)) throw new Error(`${path}: its "__metadata__" must be an object of texts, but is ${show(json)}`);
  for (const [key, value] of Object.entries(json)) {
    if (typeof value !== "string" || !`${key}${value}`.isWellFormed())
      throw new Error(`${path}: its "__metadata__" must hold Unicode texts, but ${quote(key)} is ${show(value)}`);
    metadata[key] = value;
  }
  return metadata;
}

/** A tensor's entry, with `begin` and `end` counted from the start of the data, as the header does. */
function checkTensor(name: string, entry: Json, dataSize: number, path: string): TensorInfo {
  const fail = (why: string): never => {
    throw new Error(`${path}: ${quote(name)} ${why}`);
  };
  if (!name.isWellFormed()) fail("is not a Unicode text");
  if (!isObject(entry)) return fail(`must be an object with dtype, shape and data_offsets, but is ${show(entry)}`);
  const [dtype, shape, offsets] = ["dtype", "shape", "data_offsets"].map((key) =>
    Object.hasOwn(entry, key) ? entry[key] : undefined,
  );

  const stored = typeof dtype === "string" ? STORED.get(dtype) : undefined;
  if (!stored) return fail(`has an unknown dtype: ${show(dtype)}`);
  if (!isSizes(shape)) return fail(`has an impossible shape: ${show(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    return fail(`has impossible data_offsets: ${show(offsets)}`);

  const [begin, end] = offsets as [number, number];
  if (end > dataSize)
    fail(`lies at ${show(offsets)} of ${dataSize} bytes of data; is the file cut off? download it again`);
  const elements = shape.reduce((a, b) => a * b, 1);
  if (shape.reduce((a, b) => a * (b || 1), 1) > Number.MAX_SAFE_INTEGER)
    fail(`has an impossible shape: ${show(shape)}`);
  if (elements * stored.bits !== (end - begin) * 8)
    fail(
      `is ${dtype}${show(shape)}, ${(elements * stored.bits) / 8} bytes, but lies at ${show(offsets)}: ${end - begin} bytes`,
    );
  return { dtype: stored.name, shape, begin, end };
}

/** Every byte of the data belongs to one tensor. */
function checkLayout(tensors: readonly (readonly [string, TensorInfo])[], dataSize: number, path: string): void {
  let covered = 0;
  let before = "";
  for (const [name, { begin, end }] of tensors) {
    if (begin < covered) throw new Error(`${path}: ${quote(name)} at [${begin}, ${end}] overlaps ${quote(before)}`);
    if (begin > covered) throw new Error(`${path}: bytes ${covered} to ${begin} of its data belong to no tensor`);
    covered = end;
    before = name;
  }
  if (covered < dataSize) throw new Error(`${path}: bytes ${covered} to ${dataSize} of its data belong to no tensor`);
}

function isSizes(json: Json | undefined): json is number[] {
  return Array.isArray(json) && json.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
}

function isObject(json: Json): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
