/** A vocabulary: token `tokens[id]` has the number `id`, from 0 on without gaps. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
}

/** Numbers tokens in their order; a token that comes again keeps its first number. */
export function vocabulary(list: Iterable<string>): Vocabulary {
  const tokens = [...new Set(list)];
  return { tokens, ids: new Map(tokens.map((token, id) => [token, id])) };
}

/** Orders strings by code point, as Python and Rust do; `<` orders UTF-16 units, which puts U+1F600 before U+FB01. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const rank = (unit: number) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
