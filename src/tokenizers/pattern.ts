/** Patterns of `tokenizer.json`, `{"String": " "}` or `{"Regex": "\\s+"}`, and their matches in a text. */
import type { Fields } from "./check-json.ts";
import { onigurumaRegex } from "./regex.ts";
import { escapeRegex } from "./special-tokens.ts";

/** A pattern with the flag g. */
export function readPattern(part: Fields, key = "pattern"): RegExp {
  const pattern = part.inner(key);
  if (pattern.raw("Regex") === undefined) return new RegExp(escapeRegex(pattern.text("String")), "gu");
  return onigurumaRegex(pattern.text("Regex"), `${pattern.place}.Regex`);
}

/** As Oniguruma goes through a text: an empty match directly after another match is none. */
export function* matchesOf(pattern: RegExp, text: string): Iterable<RegExpExecArray> {
  let end = -1;
  for (const match of text.matchAll(pattern)) {
    if (match[0] === "" && match.index === end) continue;
    end = match.index + match[0].length;
    yield match;
  }
}
