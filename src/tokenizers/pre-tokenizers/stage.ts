/** What pre-tokenizers are made of: edits of every piece, and splits of every piece into smaller ones. */
import type { Edit } from "../edit.ts";
import { matchesOf } from "../pattern.ts";

/** Bounds of the pieces that stay, one after another: start, end, start, end. */
export type Bounds = readonly number[];

export type Stage = { readonly edit: Edit; readonly everywhere?: boolean } | Split;

export interface Split {
  split(text: string): Bounds;
  /** The pieces themselves, where they can be had without their bounds. */
  pieces?(text: string): readonly string[] | undefined;
}

/** What becomes of a match: thrown away, a piece of its own, joined with matches beside it, or with the piece before or after. */
export const behaviors = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"] as const;
export type Behavior = (typeof behaviors)[number];

/** Cuts where a pattern (flag g) matches. `invert`: what it does not match counts as the match. */
export function splitAt(pattern: RegExp, behavior: Behavior, invert = false): Stage {
  const keepsMatches = behavior === "Isolated" || (behavior === "Removed" && invert);
  return {
    pieces: (text) => (keepsMatches ? covering(text, pattern) : undefined),
    split(text) {
      if (text === "") return [];
      const whole = keepsMatches ? covering(text, pattern) : undefined;
      if (whole) return boundsOf(whole);
      const parts: Part[] = [];
      let done = 0;
      for (const { 0: match, index } of matchesOf(pattern, text)) {
        if (index > done) parts.push([done, index, invert]);
        done = index + match.length;
        parts.push([index, done, !invert]);
      }
      if (done < text.length) parts.push([done, text.length, invert]);
      return bounds(arrange[behavior](parts));
    },
  };
}

/** Cuts out what a pattern (flag g) matches, where what is between two matches holds none of their characters. */
export function cutOut(pattern: RegExp): Stage {
  return {
    split(text) {
      const found = text.match(pattern) ?? [];
      const list: number[] = new Array(2 * found.length);
      let at = 0;
      for (let i = 0; i < found.length; i++) {
        const start = text.indexOf(found[i]!, at);
        at = start + found[i]!.length;
        list[2 * i] = start;
        list[2 * i + 1] = at;
      }
      return list;
    },
  };
}

type Part = readonly [start: number, end: number, matched: boolean];

/** The matches, if they cover the text: found at once, which is several times as fast. */
function covering(text: string, pattern: RegExp): string[] | undefined {
  const found = text.match(pattern) ?? [];
  let length = 0;
  for (let i = 0; i < found.length; i++) length += found[i]!.length;
  return length === text.length ? found : undefined;
}

function boundsOf(pieces: readonly string[]): number[] {
  const list: number[] = new Array(2 * pieces.length);
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    list[2 * i] = at;
    at += pieces[i]!.length;
    list[2 * i + 1] = at;
  }
  return list;
}

const arrange: { readonly [behavior in Behavior]: (parts: Part[]) => Part[] } = {
  Removed: (parts) => parts.filter(([, , matched]) => !matched),
  Isolated: (parts) => parts,
  Contiguous: (parts) => join(parts, (matched, before) => matched === before),
  MergedWithPrevious: (parts) => join(parts, (matched, before) => matched && !before),
  MergedWithNext: (parts) => join(parts.toReversed(), (matched, before) => matched && !before).toReversed(),
};

/** Joins a part with the one before it (which may stand after it in the text), where `joins`; the first has none. */
function join(parts: Part[], joins: (matched: boolean, before: boolean) => boolean): Part[] {
  const joined: Part[] = [];
  let before = false;
  for (const part of parts) {
    const [start, end, matched] = part;
    const last = joined.at(-1);
    if (last && joins(matched, before))
      joined[joined.length - 1] = [Math.min(last[0], start), Math.max(last[1], end), matched];
    else joined.push(part);
    before = matched;
  }
  return joined;
}

function bounds(parts: Part[]): number[] {
  const list: number[] = [];
  for (const [start, end] of parts) if (end > start) list.push(start, end);
  return list;
}
