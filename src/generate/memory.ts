/**
 * What a decoder remembers of its rows, as the numbers of its model's cache: what grows in slots (see slots.ts), states as
 * they are, and what was made of the source once for each source, for rows that share one.
 */
import type { Cache } from "../models/index.ts";
import { count, type Value } from "../tensor/dtype.ts";
import { pickRows } from "./rows.ts";
import { sizesOf, stored, TABLE } from "./slots.ts";

export type Values = Readonly<Record<string, Value>>;

export interface Memory {
  /** What the decoding step is fed. */
  feeds(): Values;
  /** Take what a step has left of each row's new tokens, under "fresh." and the entry's name. */
  take(left: Values): void;
  /** Keep these rows, in this order, some perhaps twice. */
  reorder(rows: readonly number[]): void;
}

/** For so many rows; `source` is what is fed unchanged, with as many rows, and `left` what the encoder has left. */
export function openMemory(cache: Cache, rows: number, source: Values = {}, left: Values = {}): Memory {
  const parts = [growing(cache, rows), states(cache, rows, left), fixed(cache, rows, source, left)];
  return {
    feeds: () => Object.assign({}, ...parts.map((part) => part.feeds())) as Values,
    take: (left) => {
      for (const part of parts) part.take(left);
    },
    reorder: (rows) => {
      for (const part of parts) part.reorder(rows);
    },
  };
}

const fresh = (name: string): string => `fresh.${name}`;
const ofKind = (cache: Cache, wanted: Cache[string]["kind"]) =>
  Object.entries(cache).filter(([, { kind }]) => kind === wanted);
const nothing: Memory = { feeds: () => ({}), take: () => {}, reorder: () => {} };

/** Every token of every row fills the next slot of each buffer; the table says which slots are a row's past. */
function growing(cache: Cache, rows: number): Memory {
  const entries = ofKind(cache, "growing").map(([name, { shape }]) => {
    const sizes = sizesOf(shape) as readonly number[];
    return { name, sizes, width: count(sizes), buffer: new Float32Array(0) };
  });
  if (entries.length === 0) return nothing;
  let [used, capacity] = [0, 0]; // slots
  let table: readonly BigInt64Array[] = Array.from({ length: rows }, () => new BigInt64Array(0));
  const length = () => table[0]!.length;
  return {
    feeds: () => ({
      [TABLE]: { dtype: "int64", dims: [table.length, length()], data: joined(table) },
      ...Object.fromEntries(
        entries.map(({ name, sizes, width, buffer }): [string, Value] => [
          stored(name),
          { dtype: "float32", dims: [used, ...sizes], data: buffer.subarray(0, used * width) },
        ]),
      ),
    }),
    take(left) {
      const [rows, T] = left[fresh(entries[0]!.name)]!.dims as [number, number];
      const more = rows * T;
      if (used + more > capacity) capacity = Math.max(used + more, 2 * capacity);
      for (const entry of entries) {
        if (entry.buffer.length < capacity * entry.width) {
          const larger = new Float32Array(capacity * entry.width);
          larger.set(entry.buffer.subarray(0, used * entry.width));
          entry.buffer = larger;
        }
        entry.buffer.set(left[fresh(entry.name)]!.data as Float32Array, used * entry.width);
      }
      table = table.map((slots, row) => {
        const longer = new BigInt64Array(slots.length + T);
        longer.set(slots);
        for (let t = 0; t < T; t++) longer[slots.length + t] = BigInt(used + row * T + t);
        return longer;
      });
      used += more;
    },
    reorder(rows) {
      table = rows.map((row) => table[row]!);
    },
  };
}

function joined(rows: readonly BigInt64Array[]): BigInt64Array {
  const width = rows[0]!.length;
  const all = new BigInt64Array(rows.length * width);
  for (const [i, row] of rows.entries()) all.set(row, i * width);
  return all;
}

/** States begin as the encoder has left them, or with one number, and are replaced by every step. */
function states(cache: Cache, rows: number, left: Values): Memory {
  const entries = ofKind(cache, "state").map(([name, { shape, first = 0 }]) => {
    const dims = shape.map((d) => (d === "batch" ? rows : (d as number)));
    const begun: Value =
      typeof first === "string"
        ? left[fresh(name)]!
        : { dtype: "float32", dims, data: new Float32Array(count(dims)).fill(first) };
    return { name, axis: shape.indexOf("batch"), value: begun };
  });
  return {
    feeds: () => Object.fromEntries(entries.map(({ name, value }) => [stored(name), value])),
    take(left) {
      for (const entry of entries) entry.value = left[fresh(entry.name)]!;
    },
    reorder(rows) {
      for (const entry of entries) entry.value = pickRows(entry.value, entry.axis, rows);
    },
  };
}

/** Copied only when a row comes to stand where one of another source stood. */
function fixed(cache: Cache, rows: number, source: Values, left: Values): Memory {
  const entries = [
    ...Object.entries(source).map(([name, value]) => ({ name, axis: 0, value })),
    ...ofKind(cache, "source").map(([name, { shape }]) => ({
      name: stored(name),
      axis: shape.indexOf("batch"),
      value: left[fresh(name)]!,
    })),
  ];
  let origins: readonly number[] = Array.from({ length: rows }, (_, row) => row);
  let shown: Values | undefined;
  return {
    feeds() {
      shown ??= Object.fromEntries(entries.map(({ name, axis, value }) => [name, pickRows(value, axis, origins)]));
      return shown;
    },
    take: () => {},
    reorder(rows) {
      const before = origins;
      origins = rows.map((row) => before[row]!);
      if (origins.length !== before.length || origins.some((origin, i) => origin !== before[i])) shown = undefined;
    },
  };
}
