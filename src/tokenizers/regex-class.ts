/** Sets of characters of Oniguruma's regular expressions, in JavaScript's (flag v): `\s`, `\p{Han}`, `[[:alpha:]_&&[^x]]`. */

/** What stands inside a class for each letter; upper case is the rest. Oniguruma counts ² ³ ¹ ¼ ½ ¾ as word characters. */
const escapes: { readonly [letter: string]: string } = {
  s: String.raw`\p{White_Space}`,
  d: String.raw`\p{Nd}`,
  h: "0-9A-Fa-f",
  w: String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\xb2\xb3\xb9\xbc-\xbe`,
};

const named: { readonly [name: string]: string } = {
  alpha: String.raw`\p{Alphabetic}`,
  alnum: String.raw`\p{Alphabetic}\p{Nd}`,
  ascii: String.raw`\0-\x7f`,
  blank: String.raw`\p{Zs}\t`,
  cntrl: String.raw`\p{Cc}`,
  digit: escapes["d"]!,
  graph: String.raw`[[^\p{White_Space}]&&[^\p{Cc}\p{Cs}\p{Cn}]]`,
  lower: String.raw`\p{Lowercase}`,
  print: String.raw`[[^\p{White_Space}]&&[^\p{Cc}\p{Cs}\p{Cn}]]\p{Zs}`,
  punct: String.raw`\p{P}\p{S}`,
  space: escapes["s"]!,
  upper: String.raw`\p{Uppercase}`,
  word: escapes["w"]!,
  xdigit: escapes["h"]!,
};

/** `\s`, `\W` and the like as a class; undefined for another letter. */
export function letterClass(letter: string): string | undefined {
  const inside = escapes[letter.toLowerCase()];
  if (inside === undefined || letter === letter.toUpperCase()) return inside === undefined ? undefined : `[^${inside}]`;
  return `[${inside}]`;
}

/** `\p{name}`, `[:name:]`; undefined for a name that neither dialect knows. */
export function namedClass(name: string, negative: boolean): string | undefined {
  const inverted = name.startsWith("^");
  const bare = inverted ? name.slice(1) : name;
  const not = inverted !== negative ? "^" : "";
  const inside = named[bare.toLowerCase()];
  if (inside !== undefined) return `[${not}${inside}]`;
  const title = bare.charAt(0).toUpperCase() + bare.slice(1).toLowerCase();
  for (const form of [bare, `Script=${bare}`, title, `Script=${title}`]) {
    try {
      new RegExp(`\\p{${form}}`, "v");
      return `[${not}\\p{${form}}]`;
    } catch {
      // not its name here; the next form may be
    }
  }
  return undefined;
}

/** A character as a class member or a literal that means nothing else. */
export const literal = (character: string) =>
  /^[A-Za-z0-9]$/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** The characters that are equal to one if case is ignored, itself among them (simple folding; Kelvin and long s too). */
export function caseVariants(character: string): string[] {
  const variants = new Set([character, character.toLowerCase(), character.toUpperCase()]);
  if (/[kK\u212a]/.test(character)) for (const k of "kK\u212a") variants.add(k);
  if (/[sS\u017f]/.test(character)) for (const s of "sS\u017f") variants.add(s);
  return [...variants].filter((variant) => String.fromCodePoint(variant.codePointAt(0)!) === variant);
}

/** The range of a class, in both cases if case is ignored and it is made of ASCII letters. */
export function rangeClass(first: string, last: string, ignoreCase: boolean): string {
  const range = `${literal(first)}-${literal(last)}`;
  if (!ignoreCase || !/^([a-z]{2}|[A-Z]{2})$/.test(first + last)) return range;
  const other = `${swapCase(first)}-${swapCase(last)}`;
  const more = ["k", "s"].filter((letter) => first.toLowerCase() <= letter && letter <= last.toLowerCase());
  return range + other + more.map((letter) => (letter === "k" ? "\u212a" : "\u017f")).join("");
}

const swapCase = (letter: string) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
