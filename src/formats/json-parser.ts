/** The JSON parser behind json.ts (RFC 8259, and the NaN and Infinity of Python's json). */
import type { Json, JsonLimits, JsonObject } from "./json.ts";
import { quote } from "./quote.ts";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

const WORDS: readonly (readonly [string, Json])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];

/**
 * A parser at the start of a text, by recursive descent: `value` and `entries` read on from where it stands, `end` checks
 * that nothing is left. Of `depth` arrays and objects the value is inside.
 */
export function jsonParser(
  text: string,
  where: string,
  { maxDepth = 200, maxItems = Number.POSITIVE_INFINITY }: JsonLimits,
) {
  let at = 0;

  function fail(what: string, position = at): never {
    let line = 1;
    let start = 0; // of the line
    for (let end = text.indexOf("\n"); end >= 0 && end < position; end = text.indexOf("\n", start)) {
      line++;
      start = end + 1;
    }
    throw new Error(`${where}:${line}:${position - start + 1}: ${what}`);
  }

  const found = (): string =>
    at < text.length ? `found ${quote(String.fromCodePoint(text.codePointAt(at)!))}` : "the text ends";

  /** Skips white space; the code of the next character, or NaN at the end. */
  function next(): number {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      at++;
    }
  }

  function end(): void {
    if (!Number.isNaN(next())) fail(`expected the end of the text, but ${found()}`);
  }

  function value(depth: number): Json {
    const code = next();
    if (code === 0x22) return string();
    if (code === 0x5b) return array(depth + 1);
    if (code === 0x7b) return object(depth + 1);
    NUMBER.lastIndex = at;
    if (NUMBER.test(text)) {
      const start = at;
      at = NUMBER.lastIndex;
      return Number(text.slice(start, at));
    }
    for (const [word, meaning] of WORDS)
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    return fail(`expected a JSON value, but ${found()}`);
  }

  function string(): string {
    const start = at++;
    for (let escaped = false; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        at++;
        return escaped ? unescaped(start) : text.slice(start + 1, at - 1);
      }
      if (code === 0x5c) {
        escaped = true;
        at++;
      } else if (code < 0x20) fail(`a string holds the control character ${quote(text[at]!)}; it must be escaped`);
      if (at >= text.length) fail("this string has no end", start);
    }
  }

  function unescaped(start: number): string {
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail("this string has an escape that JSON does not know", start);
    }
  }

  /** Items between brackets, with commas between them; `at` is at the opening one. */
  function items(depth: number, close: number, item: () => void): void {
    if (depth > maxDepth) fail(`arrays and objects lie more than ${maxDepth} deep in one another`);
    at++;
    if (next() !== close)
      for (let count = 1; ; count++) {
        if (count > maxItems) fail(`there are more than ${maxItems} items`);
        item();
        const code = next();
        if (code === close) break;
        if (code !== 0x2c) fail(`expected "," or "${String.fromCharCode(close)}", but ${found()}`);
        at++;
      }
    at++;
  }

  function array(depth: number): Json[] {
    const result: Json[] = [];
    items(depth, 0x5d, () => result.push(value(depth)));
    return result;
  }

  function object(depth: number): JsonObject {
    const result: JsonObject = {};
    entries(
      depth,
      (key) => Object.hasOwn(result, key),
      (key, item) => set(result, key, item),
    );
    return result;
  }

  function entries(depth: number, has: (key: string) => boolean, add: (key: string, value: Json) => void): void {
    if (next() !== 0x7b) fail(`expected "{", but ${found()}`);
    items(depth, 0x7d, () => {
      if (next() !== 0x22) fail(`expected a key in quotes, but ${found()}`);
      const start = at;
      const key = string();
      if (has(key)) fail(`the key ${quote(key)} is there twice`, start);
      if (next() !== 0x3a) fail(`expected ":" after the key ${quote(key)}, but ${found()}`);
      at++;
      add(key, value(depth));
    });
  }

  return { value, entries, end };
}

/** Assigning to `__proto__` would change the object's prototype instead of adding a key. */
function set(entries: JsonObject, key: string, value: Json): void {
  if (key === "__proto__")
    Object.defineProperty(entries, key, { value, writable: true, enumerable: true, configurable: true });
  else entries[key] = value;
}
