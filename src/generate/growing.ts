/** What a decoder remembers of each token, in numbers: buffers of slots, and for each row a table of its own (see slots.ts). */
import type { Cache } from "../models/index.ts";
import { count, type Value } from "../tensor/dtype.ts";
import type { Memory } from "./memory.ts";
import { byReach, fresh, sizesOf, stored, tableOf } from "./slots.ts";

/** What grows, each group of entries with slots of its own. */
export const slotGroups = (cache: Cache, rows: number): Memory[] =>
  [...byReach(cache)].map(([reach, group]) => {
    const entries = group.map(([name, { shape }]): Slots => {
      const sizes = sizesOf(shape) as readonly number[];
      return { name, sizes, width: count(sizes), buffer: new Float32Array(0) };
    });
    return growing(entries, rows, reach);
  });

interface Slots {
  readonly name: string;
  readonly sizes: readonly number[];
  /** Numbers of a slot. */
  readonly width: number;
  buffer: Float32Array;
}

/**
 * Every token of every row fills the next slot of each buffer; the table says which slots are a row's past, of which only
 * its last `reach` tokens are read again. What no row reads any more makes room.
 */
function growing(entries: readonly Slots[], rows: number, reach: number): Memory {
  let [used, capacity] = [0, 0]; // slots
  let table: readonly BigInt64Array[] = Array.from({ length: rows }, () => new BigInt64Array(0));
  const length = () => table[0]!.length;
  const dropUnread = () => {
    const read = [...new Set(table.flatMap((slots) => Array.from(slots, Number)))].sort((a, b) => a - b);
    for (const { buffer, width } of entries)
      for (const [to, from] of read.entries()) buffer.copyWithin(to * width, from * width, (from + 1) * width);
    const moved = new Map(read.map((from, to) => [BigInt(from), BigInt(to)]));
    table = table.map((slots) => slots.map((slot) => moved.get(slot)!));
    used = read.length;
  };
  return {
    feeds: () => ({
      [tableOf(reach)]: { dtype: "int64", dims: [table.length, length()], data: joined(table) },
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
      if (used + more > capacity) {
        dropUnread();
        capacity = Math.max(capacity, 2 * (used + more));
      }
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
        return longer.subarray(Math.max(0, longer.length - reach));
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
