/** What an option may be: how a value is read and checked, what it is where nobody says, what to tell who got it wrong. */

/** Read as T; a caller may write it as `Given`. */
export interface Option<T, Given = T> {
  readonly fallback: T;
  /** What it must be, in words. */
  readonly wants: string;
  /** Undefined: the value is not what it must be. */
  readonly read: (value: unknown) => T | undefined;
  /** For the type alone. */
  readonly given?: Given;
}

const when = <T>(fallback: T, wants: string, check: (value: unknown) => boolean): Option<T> => ({
  fallback,
  wants,
  read: (value) => (check(value) ? (value as T) : undefined),
});

const isWhole = (x: unknown, from: number): x is number => Number.isSafeInteger(x) && (x as number) >= from;
const isId = (x: unknown): x is number => isWhole(x, 0);
const isList = <T>(x: unknown, check: (item: unknown) => item is T): x is T[] => Array.isArray(x) && x.every(check);
const isText = (x: unknown): x is string => typeof x === "string" && x !== "";
const isIds = (x: unknown): x is number[] => isList(x, isId) && x.length > 0;

export const whole = <F extends number | null>(from: number, fallback: F): Option<number | F> =>
  when<number | F>(fallback, `a whole number ≥ ${from}`, (x) => isWhole(x, from));

export const positive = (fallback: number, remedy = ""): Option<number> =>
  when(fallback, `a number > 0${remedy}`, (x) => typeof x === "number" && x > 0 && Number.isFinite(x));

export const share = <F extends number | null>(fallback: F): Option<number | F> =>
  when<number | F>(fallback, "a number from 0 to 1", (x) => typeof x === "number" && x >= 0 && x <= 1);

export const flag = (fallback: boolean): Option<boolean> =>
  when(fallback, "true or false", (x) => typeof x === "boolean");

export const oneOf = <const T extends string>(names: readonly T[], fallback: T): Option<T> =>
  when(fallback, `one of ${names.join(", ")}`, (x) => names.includes(x as T));

export const choice = <const T extends string | boolean>(values: readonly T[], fallback: T): Option<T> =>
  when(fallback, `one of ${values.map((x) => JSON.stringify(x)).join(", ")}`, (x) => values.includes(x as T));

export const func = <F extends (...of: never[]) => unknown>(wants: string): Option<F | null> =>
  when<F | null>(null, wants, (x) => typeof x === "function");

export const id = (): Option<number | null> => when<number | null>(null, "a token's id (a whole number ≥ 0)", isId);

/** One id, or several; read as a list, empty where there is none. */
export const ids = (): Option<readonly number[], number | readonly number[]> => ({
  fallback: [],
  wants: "a token's id (a whole number ≥ 0) or a list of ids",
  read: (x) => (isId(x) ? [x] : isList(x, isId) ? x : undefined),
});

export const idLists = (): Option<readonly (readonly number[])[]> =>
  when<readonly (readonly number[])[]>([], "a list of lists of token ids", (x) => isList(x, isIds));

/** One text, or several; read as a list. */
export const texts = (): Option<readonly string[], string | readonly string[]> => ({
  fallback: [],
  wants: "a text or a list of texts, none of them empty",
  read: (x) => (isText(x) ? [x] : isList(x, isText) ? x : undefined),
});
