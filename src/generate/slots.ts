/**
 * What grows with the text is stored by slots: a token of a row fills one, and a table says which slots hold a row's past.
 * Rows that are moved, doubled or dropped change the table alone, and a common beginning is stored once: no search copies
 * keys and values. A Gather reads them in the order that the model wants, which costs what a transposition would.
 */
import type { Cache } from "../models/index.ts";
import { minus, sizeOf, times } from "../tensor/dims.ts";
import { add, gather, iota, mul, permute, reshape, slice, unsqueeze } from "../tensor/ops/index.ts";
import { type Dim, type Float, type Ids, input, type Shape, type Tensor } from "../tensor/tensor.ts";

/** Slot of each row's past tokens: [batch, past]. */
export const TABLE = "slots";
export const stored = (name: string): string => `past.${name}`;

/** The program's inputs for a cache, and what forward is given of them. */
export function slotted(cache: Cache) {
  const table = input(["batch", "past"], "int64");
  const inputs: Record<string, Tensor> = { [TABLE]: table };
  const entries: Record<string, Tensor> = {};
  const places = placesOf(table);
  for (const [name, { kind, shape }] of Object.entries(cache)) {
    const x = input(kind === "growing" ? ["slots", ...sizesOf(shape)] : shape);
    inputs[stored(name)] = x;
    entries[name] = kind === "growing" ? fromSlots(x, shape, places) : x;
  }
  return { inputs, entries };
}

/** Of a growing memory's entry [batch, …outer, past, …inner]: the sizes of one token's. */
export const sizesOf = (shape: Shape): Shape => shape.filter((d) => d !== "batch" && d !== "past");

/** Slots [slots, …outer, …inner] → [batch, …outer, past, …inner]. */
function fromSlots(slots: Float, shape: Shape, places: (outer: Dim) => Ids): Float {
  const time = shape.indexOf("past");
  const outer = sizeOf(shape.slice(1, time));
  const inner = sizeOf(shape.slice(time + 1));
  return reshape(gather(reshape(slots, [times("slots", outer), inner]), places(outer)), shape);
}

/** For each number of outer parts, where a row's parts of past tokens are: [batch, outer, past]; made once. */
function placesOf(table: Ids): (outer: Dim) => Ids {
  const known = new Map<Dim, Ids>();
  return (outer) => {
    const places = known.get(outer) ?? add(unsqueeze(mul(table, outer), 1), reshape(iota(outer), [1, outer, 1]));
    known.set(outer, places);
    return places;
  };
}

/** The new tokens' part of [batch, …outer, past + time, …inner], as slots: [batch, time, …outer, …inner]. */
export function freshSlots(all: Float, shape: Shape): Float {
  const time = shape.indexOf("past");
  const fresh = slice(all, time, minus(all.shape[time]!, "time"), all.shape[time]!);
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== time);
  return permute(fresh, [0, time, ...others]);
}
