/**
 * What a decoder remembers of its rows, as the numbers of its model's cache: what grows in slots (see slots.ts), states as
 * they are, and what was made of the source once for each source, for rows that share one.
 */
import type { Cache } from "../models/index.ts";
import { count, type Value } from "../tensor/dtype.ts";
import { slotGroups } from "./growing.ts";
import { pickRows } from "./rows.ts";
import { fresh, stored } from "./slots.ts";

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
  const parts = [...slotGroups(cache, rows), states(cache, rows, left), fixed(cache, rows, source, left)];
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

const ofKind = (cache: Cache, wanted: Cache[string]["kind"]) =>
  Object.entries(cache).filter(([, { kind }]) => kind === wanted);

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
