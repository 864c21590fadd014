/** What a model is: it turns a piece of text, as the pre-tokenizer cut it, into tokens of its vocabulary. */
import type { JsonObject } from "../check-json.ts";
import type { Dropout } from "./bpe-dropout.ts";

/** The tokens of a piece, and the units [start, end) of whole characters in it that each of them stands for. */
export interface PieceTokens {
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** What to call the tokens where that is not what the vocabulary calls them. */
  readonly tokens?: readonly string[];
}

export interface Model {
  readonly vocab: ReadonlyMap<string, number>;
  /** How often merges are left out, where the file says so. */
  readonly dropout?: number;
  /** @param dropout for byte-pair encoding; others know none. Throws for a piece that the vocabulary cannot say. */
  encode(piece: string, dropout?: Dropout): PieceTokens;
}

/** The one token of a whole piece. */
export const whole = (id: number, piece: string): PieceTokens => ({ ids: [id], starts: [0], ends: [piece.length] });

export const utf8Length = (text: string): number => {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) length += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2; // a surrogate is half of four
  }
  return length;
};

/**
 * Places in UTF-16 units from lengths in bytes, one token after another, wide enough for whole characters.
 * @param lengths of the tokens' text in UTF-8.
 */
export function placesOf(
  piece: string,
  lengths: ArrayLike<number>,
  count: number,
): { starts: number[]; ends: number[] } {
  const starts: number[] = new Array(count);
  const ends: number[] = new Array(count);
  let unit = 0; // the character at hand: units [unit, next), bytes up to `until`
  let next = 0;
  let until = 0;
  const step = () => {
    unit = next;
    const code = piece.codePointAt(unit) ?? 0;
    next = Math.min(piece.length, unit + (code > 0xffff ? 2 : 1));
    until += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  };
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    while (until <= bytes && next < piece.length) step();
    starts[i] = unit;
    bytes += lengths[i]!;
    while (until < bytes && next < piece.length) step();
    ends[i] = next;
  }
  return { starts, ends };
}

/** A vocabulary from a file: ids that are whole numbers, each given once. @param place for errors. */
export function readVocab(vocab: JsonObject, place: string, show: (value: unknown) => string): Map<string, number> {
  const entries = Object.entries(vocab);
  const byId = new Map<number, string>();
  const ids = new Map<string, number>();
  for (const [token, id] of entries) {
    if (!token.isWellFormed()) throw new Error(`${place} holds ${show(token)}, half of a surrogate pair`);
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= 2 ** 31)
      throw new Error(`${place}.${token} is ${show(id)}; an id is a whole number from 0 to 2147483647`);
    const other = byId.get(id);
    if (other !== undefined) throw new Error(`${place} gives the id ${id} to ${show(other)} and to ${show(token)}`);
    byId.set(id, token);
    ids.set(token, id);
  }
  return ids;
}
