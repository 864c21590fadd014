/** Pairs of texts as ids: encoded, split, without what is too long, and what there is to say of the vocabularies. */
import type { Pairs } from "../data/index.ts";
import { permutation } from "../random/permutation.ts";
import { keyOf } from "../random.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { coverage } from "./coverage.ts";

/** How texts become rows. */
export interface PairTokenizers {
  readonly source: Tokenizer;
  readonly target: Tokenizer;
  /** The most tokens of a row on either side, its end counted. */
  readonly maxLength: number;
}

/** Pairs as ids, each side with its end. */
export interface Rows extends Pairs {
  readonly sourceIds: readonly Int32Array[];
  readonly targetIds: readonly Int32Array[];
}

/** Throws for a tokenizer without an end or padding. */
export function encodePairs({ source, target }: Pairs, tokenizers: PairTokenizers): Rows {
  return {
    source,
    target,
    sourceIds: source.map((text) => withEnd(text, tokenizers.source)),
    targetIds: target.map((text) => withEnd(text, tokenizers.target)),
  };
}

/** A text's ids and the token that ends it. */
export function withEnd(text: string, tokenizer: Tokenizer): Int32Array {
  const ids = tokenizer.encodeIds(text);
  const ended = new Int32Array(ids.length + 1);
  ended.set(ids);
  ended[ids.length] = idOf(tokenizer, "eos");
  return ended;
}

/** The id of the token that plays a part. Throws where none does. */
export function idOf({ specialTokens, tokenToId }: Tokenizer, role: "eos" | "pad" | "bos"): number {
  const token = specialTokens[role];
  const id = token === undefined ? undefined : tokenToId(token);
  if (id !== undefined) return id;
  throw new TypeError(
    `text pairs: the tokenizer has no ${role} token, and pairs need one; train a word tokenizer, or name it in tokenizer_config.json as "${role}_token"`,
  );
}

function pick({ source, target, sourceIds, targetIds }: Rows, rows: readonly number[]): Rows {
  const of = <T>(items: readonly T[]) => rows.map((row) => items[row]!);
  return { source: of(source), target: of(target), sourceIds: of(sourceIds), targetIds: of(targetIds) };
}

/** A fraction of the rows drawn by chance, the same for every seed, and the others; both in their order. */
export function splitRows(all: Rows, fraction: number): { readonly train: Rows; readonly held: Rows } {
  const count = all.source.length;
  const some = Math.round(fraction * count);
  if (some < 1 || some >= count)
    throw new RangeError(`validation: ${fraction} of ${count} pairs are ${some}; both parts need one`);
  const chosen = new Set(permutation(count, keyOf(0, "validation")).subarray(0, some));
  const rows = [...all.source.keys()];
  return {
    train: pick(
      all,
      rows.filter((row) => !chosen.has(row)),
    ),
    held: pick(
      all,
      rows.filter((row) => chosen.has(row)),
    ),
  };
}

export function withoutLong(
  all: Rows,
  maxLength: number,
): { readonly rows: Rows; readonly warnings: readonly string[] } {
  const rows = [...all.source.keys()];
  const length = (row: number) => Math.max(all.sourceIds[row]!.length, all.targetIds[row]!.length);
  const kept = rows.filter((row) => length(row) <= maxLength);
  const longest = Math.max(...rows.map(length));
  if (kept.length === 0)
    throw new RangeError(
      `train: none of ${rows.length} pairs has at most ${maxLength} tokens on both sides; the longest has ${longest}: give --max-length ${longest}`,
    );
  if (kept.length === rows.length) return { rows: all, warnings: [] };
  return {
    rows: pick(all, kept),
    warnings: [
      `train: ${rows.length - kept.length} of ${rows.length} pairs have more than ${maxLength} tokens on a side and are left out; the longest has ${longest}: --max-length ${longest} would keep all`,
    ],
  };
}

/** A vocabulary that covers under half of what it is to read or write. */
export function unknownWarnings({ sourceIds, targetIds }: Rows, { source, target }: PairTokenizers): string[] {
  const of = (side: string, rows: readonly Int32Array[], tokenizer: Tokenizer) => {
    const { add, warnings } = coverage(tokenizer);
    for (const ids of rows) add(ids.subarray(0, -1)); // the end is no word
    return warnings(side);
  };
  return [...of("source", sourceIds, source), ...of("target", targetIds, target)];
}
