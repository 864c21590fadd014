/**
 * Unicode's normalization forms (NFC, NFD, NFKC, NFKD; Unicode Standard Annex 15) with the source of every character.
 * The engine composes and orders, but does not say what went where; that is found by asking it small questions.
 */
import { type Change, type Edit, type Traced, transform } from "../edit.ts";
import { undecomposed } from "../unicode-8.ts";

type Form = "NFC" | "NFD" | "NFKC" | "NFKD";

/** A run that no character outside it can compose with or be ordered across: ASCII does not change by itself. */
const run = /[\0-\x7f]?[^\0-\x7f]+/g;

export function unicodeForm(form: Form): Edit {
  const decomposed = form === "NFC" || form === "NFD" ? "NFD" : "NFKD";
  const composes = form === "NFC" || form === "NFKC";
  const parts = (character: string) => (undecomposed.test(character) ? character : character.normalize(decomposed));

  function changes(text: string): Change[] {
    const found: Change[] = [];
    for (const character of text) {
      let change = 0;
      for (const part of parts(character)) {
        found.push([part, change]);
        change = 1;
      }
    }
    const ordered = order(found);
    return composes ? compose(ordered) : ordered;
  }

  const apply = (text: string) => {
    if (undecomposed.test(text)) return transform(text, changes(text)).text;
    return text.normalize(form);
  };
  return {
    apply,
    trace(text): Traced {
      if (apply(text) === text) return { text };
      return transform(
        text,
        (function* () {
          let done = 0;
          for (const { 0: part, index } of text.matchAll(run)) {
            for (const character of text.slice(done, index)) yield [character, 0] as const;
            done = index + part.length;
            if (apply(part) === part) for (const character of part) yield [character, 0] as const;
            else yield* changes(part);
          }
          for (const character of text.slice(done)) yield [character, 0] as const;
        })(),
      );
    },
  };
}

/** Whether b goes before a in canonical order: its combining class is lower, and not 0. */
const swaps = (a: string, b: string) => a !== b && (a + b).normalize("NFD") === b + a;
/** Whether the combining class is not 0: above that of U+0334, which is 1, or below that of U+0315, 232. */
const isMark = (c: string) => c === "\u0334" || c === "\u0315" || swaps(c, "\u0334") || swaps("\u0315", c);

/** Marks in canonical order, those of one class as they came. */
function order(changes: Change[]): Change[] {
  for (let i = 1; i < changes.length; i++)
    for (let j = i; j > 0 && swaps(changes[j - 1]![0], changes[j]![0]); j--)
      [changes[j - 1], changes[j]] = [changes[j]!, changes[j - 1]!];
  return changes;
}

/** Each character that is not blocked composed with the last starter, if there is such a character. */
function compose(changes: Change[]): Change[] {
  const composed: Change[] = [];
  let starter = -1; // its place in `composed`
  let last: string | undefined; // the last mark after the starter that was not composed
  for (const [character, change] of changes) {
    const mark = isMark(character);
    const base = starter < 0 ? undefined : composed[starter]!;
    const blocked = last !== undefined && (!mark || !swaps(character, last));
    if (base && !blocked) {
      const whole = (base[0] + character).normalize("NFC");
      if (String.fromCodePoint(whole.codePointAt(0)!) === whole) {
        composed[starter] = [whole, base[1] + change - 1];
        continue;
      }
    }
    composed.push([character, change]);
    if (!mark) {
      starter = composed.length - 1;
      last = undefined;
    } else if (starter >= 0) last = character;
  }
  return composed;
}
