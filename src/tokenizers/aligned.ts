/** A text on its way through the pipeline, and where each of its UTF-16 units stood in the text as it was written. */
import type { Traced } from "./edit.ts";

export interface Aligned {
  readonly text: string;
  /** Where the character of unit i began and ended in the original; absent: `at` units later than here. */
  readonly starts?: Int32Array;
  readonly ends?: Int32Array;
  /** Where the text began in the original. */
  readonly at: number;
}

/** The original's place of the units [from, to) of a text, which are whole characters, at least one. */
export function originalOf(
  { text, starts, ends, at }: Aligned,
  from: number,
  to: number,
): [start: number, end: number] {
  if (starts && ends) return [starts[from]!, ends[to - 1]!];
  return [at + from - (isLow(text, from) ? 1 : 0), at + to + (isLow(text, to) ? 1 : 0)];
}

export function startOf({ starts, at }: Aligned, from: number): number {
  return starts?.[from] ?? at + from;
}

/** The text after an edit. */
export function realign(aligned: Aligned, { text, source }: Traced): Aligned {
  if (!source) return { ...aligned, text };
  const starts = new Int32Array(source.length);
  const ends = new Int32Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const from = source[i]!;
    if (from < 0) {
      starts[i] = ends[i] = aligned.at;
    } else if (aligned.starts && aligned.ends) {
      starts[i] = aligned.starts[from]!;
      ends[i] = aligned.ends[from]!;
    } else {
      const low = isLow(aligned.text, from);
      starts[i] = aligned.at + from - (low ? 1 : 0);
      ends[i] = aligned.at + from + (low || !isLow(aligned.text, from + 1) ? 1 : 2);
    }
  }
  return { text, starts, ends, at: aligned.at };
}

/** The units [from, to) as a text of their own. */
export function sliceAligned(aligned: Aligned, from: number, to: number): Aligned {
  const { text, starts, ends, at } = aligned;
  if (from === 0 && to === text.length) return aligned;
  if (!starts || !ends) return { text: text.slice(from, to), at: at + from };
  return { text: text.slice(from, to), starts: starts.subarray(from, to), ends: ends.subarray(from, to), at };
}

/** Whether a unit is the second half of a surrogate pair; texts are well-formed. */
function isLow(text: string, i: number): boolean {
  const unit = text.charCodeAt(i);
  return unit >= 0xdc00 && unit < 0xe000;
}
