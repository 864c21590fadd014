/** The result of encoding, and joining several: pairs, special tokens, what truncation left over. */

/** Arrays of equal length, an entry a token. */
export interface Encoding {
  ids: number[];
  tokens: string[];
  /** Where the token stands in its text: [start, end) in UTF-16 units, so `text.slice(start, end)`; [0, 0] for an added one. */
  offsets: [start: number, end: number][];
  /** Which piece of its text it comes from, as the pre-tokenizer cut it; null for an added token. */
  wordIds: (number | null)[];
  /** 0 for the first text and 1 for the second, if the post-processor does not say otherwise. */
  typeIds: number[];
  /** 0 for padding. */
  attentionMask: number[];
  /** 1 for tokens that were added: special ones of the post-processor, and padding. */
  specialTokensMask: number[];
  /** 0 for the first text, 1 for the second, null for added tokens. */
  sequenceIds: (number | null)[];
  /** What truncation cut off, in parts of the length that was allowed. */
  overflowing: Encoding[];
}

export const emptyEncoding = (): Encoding => ({
  ids: [],
  tokens: [],
  offsets: [],
  wordIds: [],
  typeIds: [],
  attentionMask: [],
  specialTokensMask: [],
  sequenceIds: [],
  overflowing: [],
});

/** The encoding of one text. */
export function encodingOf({
  ids,
  tokens,
  offsets,
  wordIds,
}: Pick<Encoding, "ids" | "tokens" | "offsets" | "wordIds">): Encoding {
  const fill = (value: number) => new Array<number>(ids.length).fill(value);
  const attentionMask = fill(1);
  return {
    ...{ ids, tokens, offsets, wordIds, attentionMask },
    ...{ typeIds: fill(0), specialTokensMask: fill(0), sequenceIds: fill(0), overflowing: [] },
  };
}

/** Tokens that stand nowhere in the text. */
export function addedTokens(
  added: readonly (readonly [token: string, id: number])[],
  typeId: number,
  padding = false,
): Encoding {
  const each = <T>(value: T) => added.map(() => value);
  return {
    ids: added.map(([, id]) => id),
    tokens: added.map(([token]) => token),
    offsets: added.map(() => [0, 0]),
    ...{ wordIds: each(null), sequenceIds: each(null), typeIds: each(typeId) },
    ...{ attentionMask: each(padding ? 0 : 1), specialTokensMask: each(1), overflowing: [] },
  };
}

const columns = [
  "ids",
  "tokens",
  "offsets",
  "wordIds",
  "typeIds",
  "attentionMask",
  "specialTokensMask",
  "sequenceIds",
] as const;

/** The tokens [start, end), without what overflowed. */
export function sliceEncoding(encoding: Encoding, start: number, end: number): Encoding {
  const part = emptyEncoding();
  for (const column of columns) part[column] = encoding[column].slice(start, end) as never;
  return part;
}

/** One after another; every overflowing part of one goes with each of the others. */
export function joinEncodings(encodings: readonly Encoding[]): Encoding {
  if (encodings.length === 1) return encodings[0]!;
  if (encodings.some(({ overflowing }) => overflowing.length > 0)) return encodings.reduce(join, emptyEncoding());
  const joined = emptyEncoding();
  for (const column of columns)
    joined[column] = encodings.flatMap((encoding) => encoding[column] as unknown[]) as never;
  return joined;
}

function join(a: Encoding, b: Encoding): Encoding {
  const joined = emptyEncoding();
  for (const column of columns) joined[column] = [...a[column], ...b[column]] as never;
  for (const left of a.overflowing)
    joined.overflowing.push(join({ ...left, overflowing: [] }, b), ...b.overflowing.map((right) => join(left, right)));
  joined.overflowing.push(...b.overflowing.map((right) => join({ ...a, overflowing: [] }, right)));
  return joined;
}
