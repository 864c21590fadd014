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

const own = (value: JsonObject, key: string) => (Object.hasOwn(value, key) ? value[key] : undefined);
const step = (value: JsonObject, path: string, key: string) =>
  Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;

/** The fields of an object in a file, each with its kind and, where it may be absent, its default. */
export interface Fields {
  readonly place: string;
  text(key: string, absent?: string): string;
  flag(key: string, absent?: boolean): boolean;
  count(key: string, absent?: number): number;
  choice<const T extends string>(key: string, choices: readonly T[], absent?: NoInfer<T>): T;
  /** The objects of an array, each with its place. */
  list(key: string): Fields[];
  inner(key: string): Fields;
  /** The value as it is. */
  raw(key: string): Json | undefined;
}

/** @param place as `tokenizer.json: decoder`; errors name it and the field. */
export function fields(value: unknown, place: string): Fields {
  const given = object(value, place);
  const under = (key: string) => (place.endsWith(".json") ? `${place}: ${key}` : `${place}.${key}`);
  function field<T>(key: string, kind: string, is: (value: unknown) => value is T, absent: T | undefined): T {
    const value = own(given, key) ?? undefined;
    if (value === undefined && absent !== undefined) return absent;
    if (is(value)) return value;
    throw new Error(`${under(key)} must be ${kind}, but is ${show(value)}`);
  }
  const isText = (value: unknown): value is string => typeof value === "string";
  const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  return {
    place,
    text: (key, absent) => field(key, "a string", isText, absent),
    flag: (key, absent) => field(key, "true or false", isFlag, absent),
    count: (key, absent) => field(key, "a whole number, not negative", isCount, absent),
    choice(key, choices, absent) {
      const is = (value: unknown): value is (typeof choices)[number] => choices.some((choice) => choice === value);
      return field(key, `one of ${choices.join(", ")}`, is, absent);
    },
    list(key) {
      const values = own(given, key);
      if (!Array.isArray(values)) throw new Error(`${under(key)} must be an array, but is ${show(values)}`);
      return values.map((value, i) => fields(value, `${under(key)}[${i}]`));
    },
    inner: (key) => fields(own(given, key), under(key)),
    raw: (key) => own(given, key),
  };
}

/** What a part's `type` makes of its fields; throws for a type that is not known here, with its place and those that are. */
export function partOf<T>(part: Fields, kinds: { readonly [type: string]: (part: Fields) => T }): T {
  const type = part.text("type");
  const read = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (read) return read(part);
  throw new Error(
    `${part.place} is of type ${show(type)}, which is not known here (known: ${Object.keys(kinds).join(", ")})`,
  );
}
