/** A score's signature in sacreBLEU's form: what one must know to get the same number, as `key:value|key:value|…`. */

/** The release whose numbers these metrics equal. */
const VERSION = "2.6.0";

/** `extra` holds further pairs that stand after `nrefs`, such as `bs:1000|seed:12345`. */
export const signature = (
  nrefs: number | "var",
  extra: string | undefined,
  pairs: Readonly<Record<string, string | number>>,
): string =>
  [
    `nrefs:${nrefs}`,
    ...(extra ? [extra] : []),
    ...Object.entries({ ...pairs, version: VERSION }).map(([key, value]) => `${key}:${value}`),
  ].join("|");
