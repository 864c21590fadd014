/** Encoded text: ids by position, in memory or elsewhere. */

export type Ids = Uint16Array | Uint32Array;

/** A long row of token ids. A `Uint16Array` or `Uint32Array` is one; `collectTokens` makes one of any size. */
export interface TokenSource {
  readonly length: number;
  /** Ids `begin` … `end - 1`, 0 ≤ begin ≤ end ≤ length; the caller's own. */
  slice(begin: number, end: number): Ids;
}

/** Ids `begin` … `end - 1` of a source as a source. */
export const section = (source: TokenSource, begin: number, end: number): TokenSource => ({
  length: end - begin,
  slice: (from, to) => source.slice(begin + from, begin + to),
});

/**
 * Splits by position: the last `fraction` of the ids are for validation, all before for training. Throws where a part
 * holds no whole block (`blockSize` ids and the one after them).
 */
export function splitTokens(
  source: TokenSource,
  { fraction, blockSize }: { readonly fraction: number; readonly blockSize: number },
): { train: TokenSource; validation: TokenSource } {
  if (!(fraction > 0 && fraction < 1))
    throw new RangeError(`validation: a fraction of ${fraction} leaves one part empty; give a number between 0 and 1`);
  const border = Math.floor(source.length * (1 - fraction));
  const parts = { train: section(source, 0, border), validation: section(source, border, source.length) };
  for (const [name, part] of Object.entries(parts))
    if (part.length < blockSize + 1)
      throw new RangeError(
        `${name}: ${part.length} of the text's ${source.length} tokens, but a block of ${blockSize} and the token after it need ` +
          `${blockSize + 1}; use more text, a smaller block size or another validation part`,
      );
  return parts;
}
