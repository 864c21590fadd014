/**
 * Byte-pair encoding: a piece is its characters, and the merges that training found join them again (Sennrich et al.
 * 2016, arXiv:1508.07909). GPT-2's are byte-level: their characters are bytes. Llama 2's fall back to bytes for unknown
 * characters. The original marks a word's last character with `</w>`.
 */
import { mergeWithDropout } from "./bpe-dropout.ts";
import { type Merges, mergeLong, mergeShort, type Symbols } from "./bpe-merge.ts";
import { type Model, type PieceTokens, placesOf, utf8Length, whole } from "./model.ts";
import { pairTable } from "./pair-table.ts";

export interface BpeOptions {
  /** The token of characters outside the vocabulary; without one they are left out. */
  unk?: string;
  /** What the vocabulary writes before a character that does not begin its piece, and after one that ends it. */
  continuingSubwordPrefix?: string;
  endOfWordSuffix?: string;
  /** Unknown characters in a row are one token. */
  fuseUnk?: boolean;
  /** An unknown character is its bytes, `<0xE2>` and so on, where the vocabulary has them. */
  byteFallback?: boolean;
  /** A piece that is in the vocabulary is one token, whatever the merges say. */
  ignoreMerges?: boolean;
  /** The probability that a merge is left out (see `bpe-dropout.ts`). */
  dropout?: number;
}

/** @param merges in the order of learning. Throws for one that names a piece outside the vocabulary. */
export function bpe(
  vocab: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
  options: BpeOptions = {},
  place = "model",
): Model {
  const { unk, fuseUnk = false, byteFallback = false, ignoreMerges = false } = options;
  const { continuingSubwordPrefix: prefix = "", endOfWordSuffix: suffix = "" } = options;
  const known = numberMerges(vocab, merges, prefix.length, place);
  const unknown = unk === undefined ? undefined : vocab.get(unk);
  if (unk !== undefined && unknown === undefined)
    throw new Error(`${place}.unk_token is ${JSON.stringify(unk)}, which is not in the vocabulary`);

  let symbols: Symbols = { ids: new Int32Array(256), lengths: new Int32Array(256), count: 0 };
  function add(id: number, length: number) {
    const { ids, lengths, count } = symbols;
    if (count === ids.length) {
      symbols = { ids: new Int32Array(2 * count), lengths: new Int32Array(2 * count), count };
      symbols.ids.set(ids);
      symbols.lengths.set(lengths);
    }
    symbols.ids[count] = id;
    symbols.lengths[count] = length;
    symbols.count = count + 1;
  }

  function spell(piece: string): void {
    symbols.count = 0;
    let pending = 0; // bytes of unknown characters that are one token
    const flush = () => {
      if (pending > 0) add(unknown!, pending);
      pending = 0;
    };
    for (let i = 0; i < piece.length; ) {
      const end = i + ((piece.codePointAt(i) ?? 0) > 0xffff ? 2 : 1);
      const character = piece.slice(i, end);
      const written = (i > 0 ? prefix : "") + character + (end === piece.length ? suffix : "");
      const id = vocab.get(written);
      i = end;
      if (id !== undefined) {
        flush();
        add(id, utf8Length(character));
        continue;
      }
      const bytes = byteFallback ? bytesOf(written, vocab) : undefined;
      if (bytes) for (const byte of bytes) add(byte, 1);
      else if (unknown !== undefined) {
        if (!fuseUnk) flush();
        pending += utf8Length(character);
      }
    }
    flush();
  }

  return {
    vocab,
    ...(options.dropout !== undefined && { dropout: options.dropout }),
    encode(piece, dropout): PieceTokens {
      const id = ignoreMerges ? vocab.get(piece) : undefined;
      if (id !== undefined) return whole(id, piece);
      spell(piece);
      if (dropout) mergeWithDropout(symbols, known, dropout);
      else if (symbols.count > 1) (symbols.count <= 32 ? mergeShort : mergeLong)(symbols, known);
      const ids = Array.from(symbols.ids.subarray(0, symbols.count));
      return { ids, ...placesOf(piece, symbols.lengths, ids.length) };
    },
  };
}

function numberMerges(
  vocab: ReadonlyMap<string, number>,
  merges: readonly (readonly [string, string])[],
  prefix: number,
  place: string,
): Merges {
  const ranks = pairTable(merges.length);
  const results = new Int32Array(merges.length);
  for (const [rank, [a, b]] of merges.entries()) {
    const idOf = (token: string) => {
      const id = vocab.get(token);
      if (id !== undefined) return id;
      const joins = `${place}.merges[${rank}] joins ${JSON.stringify(a)} and ${JSON.stringify(b)}`;
      throw new Error(`${joins}, but the vocabulary has no ${JSON.stringify(token)}`);
    };
    results[rank] = idOf(a + b.slice(prefix));
    ranks.set(idOf(a), idOf(b), rank);
  }
  return { ranks, results };
}

const utf8 = new TextEncoder();

/** The tokens `<0xE2>` … of a text's bytes, if the vocabulary has all of them. */
export function bytesOf(text: string, vocab: ReadonlyMap<string, number>): number[] | undefined {
  const ids: number[] = [];
  for (const byte of utf8.encode(text)) {
    const id = vocab.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    if (id === undefined) return undefined;
    ids.push(id);
  }
  return ids;
}
