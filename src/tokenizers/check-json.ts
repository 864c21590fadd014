/** Looking at JSON from outside: where it is not what it must be, said with the place and the values. */
import type { Json } from "./tokenizer-json.ts";

export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null;

/** The value, if it is an object; throws with `place` if it is not. */
export function object(value: unknown, place: string): JsonObject {
  if (isObject(value) && !Array.isArray(value)) return value;
  throw new Error(`${place} must be an object, but is ${show(value)}`);
}

/** A value in an error message: JSON, at most 60 characters of it. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The first place where two values differ, in words; a key that is missing is null. */
export function difference(expected: Json | undefined, given: Json | undefined, path: string): string | undefined {
  if (!isObject(expected) || !isObject(given) || Array.isArray(expected) !== Array.isArray(given))
    return (expected ?? null) === (given ?? null)
      ? undefined
      : `${path} is ${show(given ?? null)} instead of ${show(expected ?? null)}`;
  for (const key of new Set([...Object.keys(expected), ...Object.keys(given)])) {
    const found = difference(own(expected, key), own(given, key), step(given, path, key));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The `type` of a value and of the values inside it, with their places. */
export function* types(value: Json | undefined, path: string): Iterable<{ type: string; path: string }> {
  if (!isObject(value)) return;
  if (typeof value["type"] === "string") yield { type: value["type"], path };
  for (const [key, inner] of Object.entries(value)) yield* types(inner, step(value, path, key));
}

const own = (value: JsonObject, key: string) => (Object.hasOwn(value, key) ? value[key] : undefined);
const step = (value: JsonObject, path: string, key: string) =>
  Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
