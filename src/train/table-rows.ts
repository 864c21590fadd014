/**
 * What an update can leave out of a table of which few rows were ever read, an embedding of words. The gradient is 0 but for
 * the rows that this step's batches read, so they alone have a norm; and rows that no batch has read yet have slots of 0 as
 * well: of them the rule needs only the weights. Everything is computed as it is without this, bit for bit.
 */
import { LOOP_BYTES } from "../runtime/simd.ts";
import type { Row } from "../runtime/state.ts";

/** The rows of a table whose gradient is not 0. */
export interface ReadRows {
  /** Numbers in a row. */
  readonly width: number;
  /** Where these rows begin, in numbers from the table's begin. */
  readonly starts: ReadonlySet<number>;
}

/** A loop over some rows: where they begin in the table, and how long they are, in bytes. */
type Loop = (start: number, bytes: number) => void;

export interface TableRows {
  eachWithGradient(run: Loop): void;
  /** The update of step `t`: `full` for rows that a batch has read, of this step or one before, `idle` for the others. */
  update(t: number, full: Loop, idle: Loop): void;
}

/** Undefined: a loop cannot run over one of its rows, and it is updated as a whole. */
export function tableRows({ slices, bytes }: Row, { width, starts }: ReadRows): TableRows | undefined {
  const length = 4 * width;
  if (length % LOOP_BYTES !== 0) return undefined;
  const count = bytes / length;
  const slots = Object.entries(slices).flatMap(([name, { data }]) => (["weight", "grad"].includes(name) ? [] : [data]));
  const known = new Uint8Array(count); // 1: its slots may be other than 0
  let last = 0;
  /** What a run that goes on finds in its slots. */
  const look = () => {
    for (let row = 0; row < count; row++)
      known[row] = Number(slots.some((data) => !isZero(data, row * width, (row + 1) * width)));
  };
  return {
    eachWithGradient(run) {
      for (const start of starts) run(4 * start, length);
    },
    update(t, full, idle) {
      if (t !== last + 1) look();
      last = t;
      for (const start of starts) known[start / width] = 1;
      for (let first = 0, row = 1; row <= count; row++) {
        if (row < count && known[row] === known[first]) continue;
        (known[first] ? full : idle)(first * length, (row - first) * length);
        first = row;
      }
    },
  };
}

function isZero(data: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (data[i] !== 0) return false;
  return true;
}
