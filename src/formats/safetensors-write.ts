/**
 * Writing safetensors in Node: streamed from the caller's arrays, byte for byte what the reference writes, and the
 * file is replaced whole or not at all.
 */
import { replaceFile } from "./atomic.ts";
import { ARRAYS, bytesOf, type HostArray, type HostDtype, type HostTensor, STORED } from "./dtype.ts";
import { float32ToBfloat16, float32ToFloat16 } from "./half.ts";
import { quote, show } from "./quote.ts";
import { LENGTH_BYTES, parseHeader } from "./safetensors-header.ts";

const PIECE = 2 ** 18; // elements rounded at a time
const STORED_AS: ReadonlyMap<HostDtype, string> = new Map(
  [...STORED.values()].flatMap(({ name, host, bits }) =>
    host && ARRAYS[host].BYTES_PER_ELEMENT * 8 === bits ? [[host, name]] : [],
  ),
);
const ALIGNMENT = [...STORED.keys()];

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: HostArray;
  readonly bytes: number;
}

/**
 * Writes tensors to a file; when it returns, they survive a power cut.
 * @param options.metadata texts for the header; `format: "pt"` is added, which transformers asks for
 * @param options.store how float32 tensors are stored: as they are, or rounded to nearest
 * @throws when a tensor's shape, dtype and array disagree, a number is too large for F16, or the disk does not take
 * the file; what was at `path` is then as it was
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  {
    metadata = {},
    store = "F32",
  }: { metadata?: Readonly<Record<string, string>>; store?: "F32" | "F16" | "BF16" } = {},
): void {
  const entries = [...tensors].map(([name, tensor]) => check(`${path}: ${quote(name)}`, name, tensor, store));
  entries.sort(byAlignment);
  const start = header(entries, { format: "pt", ...metadata }, path);
  replaceFile(path, (append) => {
    append(start);
    for (const entry of entries) for (const piece of pieces(entry, `${path}: ${quote(entry.name)}`)) append(piece);
  });
}

function check(where: string, name: string, { dtype: host, shape, data }: HostTensor, store: string): Entry {
  const own = STORED_AS.get(host);
  if (!own || !(data instanceof ARRAYS[host]))
    throw new Error(`${where} is ${host}, but its data is a ${typeOf(data)}`);
  const elements = shape.reduce((a, b) => a * b, 1);
  if (elements !== data.length)
    throw new Error(`${where} is ${host}${show(shape)}, ${elements} elements, but its data has ${data.length}`);
  if (host === "bool" && data.some((byte) => byte > 1)) throw new Error(`${where} is bool, but has bytes above 1`);
  const dtype = host === "float32" ? store : own;
  return { name, dtype, shape, data, bytes: (elements * STORED.get(dtype)!.bits) / 8 };
}

function typeOf(data: unknown): string {
  return data instanceof Object ? data.constructor.name : String(data);
}

/** By falling alignment, so that every tensor is aligned; then by name. */
function byAlignment(a: Entry, b: Entry): number {
  return ALIGNMENT.indexOf(b.dtype) - ALIGNMENT.indexOf(a.dtype) || (a.name < b.name ? -1 : 1);
}

/** Length and JSON, padded so that the data starts at a multiple of 8; read back, so that no other reader refuses it. */
function header(entries: readonly Entry[], metadata: Readonly<Record<string, string>>, path: string): Uint8Array {
  let end = 0;
  const parts = [`"__metadata__":${JSON.stringify(metadata)}`];
  for (const { name, dtype, shape, bytes } of entries) {
    const begin = end;
    end += bytes;
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const json = new TextEncoder().encode(`{${parts.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, LENGTH_BYTES);
  parseHeader(bytes.subarray(LENGTH_BYTES), bytes.length + end, path);
  return bytes;
}

/** A tensor's bytes as they are stored; rounded, where they are, in pieces. */
function* pieces({ data, dtype }: Entry, where: string): Generator<Uint8Array> {
  if (!(data instanceof Float32Array) || dtype === "F32") {
    yield* bytesOf(data);
    return;
  }
  const [round, infinity] = dtype === "F16" ? [float32ToFloat16, 0x7c00] : [float32ToBfloat16, 0x7f80];
  for (let at = 0; at < data.length; at += PIECE) {
    const x = data.subarray(at, at + PIECE);
    const rounded = round(x);
    const tooLarge = overflow(x, rounded, infinity);
    if (tooLarge >= 0)
      throw new Error(
        `${where} has ${x[tooLarge]} at element ${at + tooLarge}, too large for ${dtype}; store it as F32`,
      );
    yield* bytesOf(rounded);
  }
}

/** Where a finite number became an infinity, or -1. */
function overflow(x: Float32Array, rounded: Uint16Array, infinity: number): number {
  for (let i = 0; i < x.length; i++) if ((rounded[i]! & 0x7fff) === infinity && Number.isFinite(x[i])) return i;
  return -1;
}
