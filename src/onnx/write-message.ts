/** Writing protobuf messages that may hold gigabytes. Wire format: protobuf.dev/programming-guides/encoding. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A message being written. Large data waits in `pieces` as it is, so that it is copied once, into the file. */
export interface Message {
  readonly writer: BinaryWriter;
  pieces: Uint8Array[];
  /** Serves one embedded message after the other: a writer keeps its buffer. */
  inner?: Message;
}

/** The most bytes that protobuf's readers accept. */
const LIMIT = 2 ** 31 - 1;
/** Copying fewer bytes costs less than another piece. */
const LARGE = 4096;

/** The bytes of the message that `write` fills; throws if they are more than 2 GiB. */
export function message(write: (to: Message) => void): Uint8Array {
  const pieces = piecesOf(empty(), write);
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A field that is a message, filled by `write`. */
export function embed(to: Message, field: number, write: (inner: Message) => void): void {
  to.inner ??= empty();
  const inner = piecesOf(to.inner, write);
  to.writer.tag(field, WireType.LengthDelimited).uint32(lengthOf(inner));
  if (inner.length === 1) to.writer.raw(inner[0]!);
  else {
    to.pieces.push(to.writer.finish());
    for (const piece of inner) to.pieces.push(piece);
  }
}

export function bytes(to: Message, field: number, data: Uint8Array): void {
  if (data.length < LARGE) to.writer.tag(field, WireType.LengthDelimited).bytes(data);
  else {
    to.writer.tag(field, WireType.LengthDelimited).uint32(lengthOf([data]));
    to.pieces.push(to.writer.finish(), data);
  }
}

export function text(to: Message, field: number, value: string): void {
  to.writer.tag(field, WireType.LengthDelimited).string(value);
}

/** An int64; throws for a number that is none or that is not exact. */
export function int(to: Message, field: number, value: number | bigint): void {
  const fits = typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
  if (!fits) throw new Error(`${value} is no int64`);
  to.writer.tag(field, WireType.Varint).int64(value);
}

/** A float32; throws for a finite number that would become infinite. */
export function float(to: Message, field: number, value: number): void {
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw new Error(`${value} is no float32`);
  to.writer.tag(field, WireType.Bit32).float(value);
}

const empty = (): Message => ({ writer: new BinaryWriter(), pieces: [] });

function piecesOf(message: Message, write: (to: Message) => void): Uint8Array[] {
  write(message);
  const pieces = [...message.pieces, message.writer.finish()];
  message.pieces = [];
  return pieces;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length > LIMIT)
    throw new Error(
      `${length} bytes are more than the ${LIMIT} of a protobuf file: keep large initializers as external data`,
    );
  return length;
}
