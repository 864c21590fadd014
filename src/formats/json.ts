/**
 * JSON from outside, checked while it is read (RFC 8259). Unlike `JSON.parse` it refuses duplicate keys, bounds the
 * depth, names file, line and column, and accepts NaN and Infinity, which Python's json writes.
 */
import { jsonParser } from "./json-parser.ts";

/** What {@link parseJson} returns. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An ordinary object, as `JSON.parse` makes it: ask with `Object.hasOwn`, or `constructor` seems to be a key. */
export interface JsonObject {
  [key: string]: Json;
}

/** How large a value may become: how deep arrays and objects lie in one another, how many items each may have. */
export interface JsonLimits {
  readonly maxDepth?: number;
  readonly maxItems?: number;
}

/**
 * Parses one JSON value; it equals that of `JSON.parse`.
 * @param where what the text is, usually its path: every error starts with `where:line:column`
 * @throws on anything that is not JSON, on a key that an object has twice, beyond the limits
 */
export function parseJson(text: string, where: string, limits: JsonLimits = {}): Json {
  const parser = jsonParser(text, where, limits);
  const result = parser.value(0);
  parser.end();
  return result;
}

/**
 * Parses a JSON object entry by entry, so that a wrong one stops the reading of a large text; as {@link parseJson}.
 * @param visit is given every key, once, and its value
 */
export function parseEntries(
  text: string,
  where: string,
  visit: (key: string, value: Json) => void,
  limits: JsonLimits = {},
): void {
  const parser = jsonParser(text, where, limits);
  const seen = new Set<string>();
  parser.entries(
    1,
    (key) => seen.has(key),
    (key, value) => {
      seen.add(key);
      visit(key, value);
    },
  );
  parser.end();
}
