/** Reading protobuf messages of a file that may be hostile. Wire format: protobuf.dev/programming-guides/encoding. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { within } from "./within.ts";

/** Small messages become objects of many times their size: so many in one file, and graphs in graphs so deep. */
const MESSAGES = 2 ** 21;
const DEPTH = 32;

/** What a file may still use up. */
export interface Budget {
  messages: number;
  depth: number;
}

export const newBudget = (): Budget => ({ messages: MESSAGES, depth: DEPTH });

/** A field of a message; `reader` stands before its value. */
export interface Field {
  readonly message: string;
  readonly number: number;
  readonly wire: WireType;
  readonly reader: BinaryReader;
}

/** The fields of a message, in the file's order. One that the loop's body doesn't read is skipped. */
export function* fields(bytes: Uint8Array, message: string, budget: Budget): Generator<Field> {
  budget.messages -= 1;
  if (budget.messages < 0) throw new Error(`more than ${MESSAGES} messages in one model`);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = checked(message, () => reader.tag());
    const start = reader.pos;
    yield { message, number, wire, reader };
    if (reader.pos === start) checked(message, () => reader.skip(wire, number));
  }
}

/** Reads a graph that is one deeper than what is around it. */
export function deeper<T>(budget: Budget, read: () => T): T {
  budget.depth -= 1;
  if (budget.depth < 0) throw new Error(`graphs in graphs are more than ${DEPTH} deep`);
  const graph = read();
  budget.depth += 1;
  return graph;
}

/** A message, or bytes as they are: a view of the file. */
export const bytes = (field: Field): Uint8Array => read(field, WireType.LengthDelimited, (reader) => reader.bytes());

export const text = (field: Field): string => read(field, WireType.LengthDelimited, (reader) => reader.string(true));

export const float = (field: Field): number => read(field, WireType.Bit32, (reader) => reader.float());

/** An int64: a bigint only where a number would not be exact. */
export const int = (field: Field): number | bigint => read(field, WireType.Varint, int64);

/** An int64 that counts or names something. */
export function count(field: Field): number {
  const value = int(field);
  if (typeof value === "bigint" || value < 0) throw new Error(`${nameOf(field)} is ${value}, which is no count`);
  return value;
}

/** The numbers of a repeated field, which may be packed into one value. */
export const ints = (field: Field, add: (value: number | bigint) => void): void =>
  each(field, WireType.Varint, int64, add);

export const floats = (field: Field, add: (value: number) => void): void =>
  each(field, WireType.Bit32, (reader) => reader.float(), add);

/** The bytes of a repeated field's numbers, packed or not. */
export const numbers = (field: Field, wire: WireType): Uint8Array =>
  field.wire === WireType.LengthDelimited ? bytes(field) : read(field, wire, (reader) => reader.skip(wire));

function each<T>(field: Field, wire: WireType, take: (reader: BinaryReader) => T, add: (value: T) => void): void {
  const packed = new BinaryReader(numbers(field, wire));
  const name = nameOf(field);
  while (packed.pos < packed.len) add(checked(name, () => take(packed)));
}

function read<T>(field: Field, wire: WireType, by: (reader: BinaryReader) => T): T {
  if (field.wire !== wire) throw new Error(`${nameOf(field)} has wire type ${field.wire}, not ${wire}`);
  return checked(nameOf(field), () => by(field.reader));
}

function int64(reader: BinaryReader): number | bigint {
  const value = BigInt(reader.int64());
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const nameOf = ({ message, number }: Field) => `field ${number} of ${message}`;

/** The library's errors don't say where they are: `what` does. */
export const checked = <T>(what: string, run: () => T): T => within(() => `${what} is cut off or corrupt`, run);
