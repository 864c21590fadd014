/**
 * What grows with the text is stored by slots: a token of a row fills one, and a table says which slots hold a row's past.
 * Rows that are moved, doubled or dropped change the table alone, and a common beginning is stored once: no search copies
 * keys and values. A Gather reads them in the order that the model wants, which costs what a transposition would.
 */
import type { Cache, Memory } from "../models/index.ts";
import { minus, sizeOf, times } from "../tensor/dims.ts";
import { add, gather, iota, mul, permute, reshape, slice, unsqueeze } from "../tensor/ops/index.ts";
import { type Dim, type Float, type Ids, input, type Shape, type Tensor } from "../tensor/tensor.ts";

/** How many tokens before it a token reads of a growing memory. */
const reachOf = ({ window = Number.POSITIVE_INFINITY }: Memory): number => window - 1;
const named = (name: string) => (reach: number) => (Number.isFinite(reach) ? `${name}${reach}` : name);
/** The input that has the slot of each row's past tokens [batch, past], as far back as they are read. */
export const tableOf = named("slots");
/** The name of that size. */
export const pastOf = named("past");
export const stored = (name: string): string => `past.${name}`;
export const fresh = (name: string): string => `fresh.${name}`;

/** The program's inputs for a cache, and what forward is given of them. */
export function slotted(cache: Cache) {
  const inputs: Record<string, Tensor> = {};
  const entries: Record<string, Tensor> = {};
  for (const [name, { kind, shape }] of Object.entries(cache))
    if (kind !== "growing") entries[name] = inputs[stored(name)] = input(shape);
  for (const [reach, group] of byReach(cache)) {
    const [slots, past] = [tableOf(reach), pastOf(reach)];
    const table = input(["batch", past], "int64");
    inputs[slots] = table;
    const places = placesOf(table);
    for (const [name, { shape }] of group) {
      const x = input([slots, ...sizesOf(shape)]);
      inputs[stored(name)] = x;
      entries[name] = fromSlots(x, shape, { past, places });
    }
  }
  return { inputs, entries };
}

/** Growing memories by how far back they are read: those of a group lie in slots of the same numbers. */
export function byReach(cache: Cache): ReadonlyMap<number, readonly (readonly [name: string, memory: Memory])[]> {
  const groups = new Map<number, [string, Memory][]>();
  for (const [name, memory] of Object.entries(cache)) {
    if (memory.kind !== "growing") continue;
    const reach = reachOf(memory);
    groups.set(reach, [...(groups.get(reach) ?? []), [name, memory]]);
  }
  return groups;
}

/** Of a growing memory's entry [batch, …outer, past, …inner]: the sizes of one token's. */
export const sizesOf = (shape: Shape): Shape => shape.filter((d) => d !== "batch" && d !== "past");

interface Past {
  readonly past: Dim;
  /** For each number of outer parts, where a row's parts of past tokens are: [batch, outer, past]. */
  readonly places: (outer: Dim) => Ids;
}

/** Slots [slots, …outer, …inner] → [batch, …outer, past, …inner]. */
function fromSlots(slots: Float, shape: Shape, { past, places }: Past): Float {
  const time = shape.indexOf("past");
  const outer = sizeOf(shape.slice(1, time));
  const inner = sizeOf(shape.slice(time + 1));
  const rows = gather(reshape(slots, [times(slots.shape[0]!, outer), inner]), places(outer));
  return reshape(rows, shape.with(time, past));
}

/** Each made once. */
function placesOf(table: Ids): Past["places"] {
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
