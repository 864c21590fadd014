/**
 * What a `config.json` may say: each field with its default (Hugging Face's for that model type) and its check, so that
 * a file of another model or an impossible value is told by name before anything is built.
 */

export interface Field<T> {
  /** Its default, which may follow from the fields before it. Undefined: the field must be there. */
  readonly fallback: T | ((before: Readonly<Record<string, unknown>>) => T) | undefined;
  /** What it must be, in words: "a whole number ≥ 1". */
  readonly wants: string;
  readonly check: (value: unknown) => value is T;
  /** Whether null is as good as nothing: the default. */
  readonly orNull?: boolean;
  /** It is written as a float, 1 as 1.0: transformers 5 refuses an integer for some. */
  readonly float?: true;
  /** What other fields of the file say of it, before its own name is read; undefined: nothing. */
  readonly implied?: (given: Readonly<Record<string, unknown>>) => unknown;
}

const field = <T>(fallback: Field<T>["fallback"], wants: string, check: (value: unknown) => boolean): Field<T> => ({
  fallback,
  wants,
  check: check as Field<T>["check"],
});

const float = <T>(...parts: Parameters<typeof field<T>>): Field<T> => ({ ...field<T>(...parts), float: true });

const MOST = 2 ** 31 - 1;
/** The deepest network published has 2,500 (Wang et al. 2022, arXiv:2203.00555). */
const DEEPEST = 10_000;

const isRate = (x: unknown) => typeof x === "number" && x >= 0 && x < 1;
const isWhole = (x: unknown, most = MOST) => Number.isSafeInteger(x) && (x as number) >= 1 && (x as number) <= most;

export const whole = (fallback?: number): Field<number> =>
  field(fallback, `a whole number from 1 to ${MOST}`, (x) => isWhole(x));
/** A size that may be left to the model: null in the file. */
export const optionalWhole = (fallback: number | null = null): Field<number | null> =>
  field<number | null>(fallback, `a whole number from 1 to ${MOST}, or null`, (x) => x === null || isWhole(x));
/** A token's id. */
export const tokenId = (fallback?: number): Field<number> =>
  field(fallback, `a whole number from 0 to ${MOST}`, (x) => x === 0 || isWhole(x));
/** Any number that float32 can hold, or one left to the model: null in the file. */
export const optionalNumber = (): Field<number | null> =>
  float<number | null>(
    null,
    "a number, or null",
    (x) => x === null || (typeof x === "number" && Number.isFinite(Math.fround(x))),
  );
/** Numbers that float32 can hold. */
export const numbers = (fallback: readonly number[]): Field<readonly number[]> =>
  field(fallback, "a list of numbers", (x) => Array.isArray(x) && x.every((n) => Number.isFinite(Math.fround(n))));
/** The id of padding, or null; −1, which old files have for none, is the last row's of the table, as in PyTorch. */
export const paddingId = (fallback: number | null = null): Field<number | null> =>
  field<number | null>(
    fallback,
    `a whole number from -1 to ${MOST}, or null`,
    (x) => x === null || x === -1 || x === 0 || isWhole(x),
  );
/** A size that follows from the fields before it where the file says nothing, or null. */
export const wholeOr = (fallback: (before: Readonly<Record<string, unknown>>) => number): Field<number> => ({
  ...field<number>(fallback, `a whole number from 1 to ${MOST}, or null`, (x) => isWhole(x)),
  orNull: true,
});
/**
 * How many heads keys have: as many as queries where the file says null; where it says nothing `usual`, and as many as
 * queries if those are fewer.
 */
export const keyHeads = (usual = Number.POSITIVE_INFINITY): Field<number> => ({
  ...wholeOr((before) => Math.min(usual, before["num_attention_heads"] as number)),
  implied: ({ num_key_value_heads: own, num_attention_heads: heads }) => (own === null ? heads : undefined),
});
/** How many numbers a head has: its share of the width, unless the file says. */
export const headSize = (width: string, heads: string): Field<number> =>
  wholeOr((config) => Math.floor((config[width] as number) / (config[heads] as number)));
export const integer = (fallback: number): Field<number> =>
  field(fallback, "a whole number", (x) => Number.isSafeInteger(x));
/** Some of these names: a list, or a text with | between them, as the field `own` of the file has it; null: none. */
export const namesIn = <const T extends string>(own: string, names: readonly T[]): Field<readonly T[]> => ({
  ...field<readonly T[]>(
    [],
    `a list of ${names.join(", ")}, or null`,
    (x) => Array.isArray(x) && x.every((name) => names.includes(name)),
  ),
  implied: ({ [own]: given }) =>
    typeof given === "string"
      ? given
          .toLowerCase()
          .split("|")
          .map((x) => x.trim())
      : (given ?? []),
});
/** A number of layers. Sizes cost nothing until numbers are stored; a layer is made when the model is. */
export const depth = (fallback?: number): Field<number> =>
  field(fallback, `a whole number from 1 to ${DEEPEST}`, (x) => isWhole(x, DEEPEST));
/** A number above 0 that float32 can hold. */
export const positive = (fallback?: Field<number>["fallback"]): Field<number> =>
  float(fallback, "a number > 0", (x) => typeof x === "number" && x > 0 && Math.fround(x) < Infinity);
/** A number above 0, or null: the step that it is for is left out. */
export const optionalPositive = (fallback: number | null = null): Field<number | null> =>
  float<number | null>(
    fallback,
    "a number > 0, or null",
    (x) => x === null || (typeof x === "number" && x > 0 && Math.fround(x) < Infinity),
  );
/**
 * The standard deviation that first weights are drawn with: `std` where the model is as wide as the published one, more
 * where it is narrower, so that what a layer gives is as large there (std · √width stays). A small model then learns as
 * soon as a large one; Hugging Face's default is `std` at every width.
 */
export const initialStd = (std: number, width: string, published: number): Field<number> =>
  positive((config) => std * Math.sqrt(Math.max(1, published / (config[width] as number))));
/** A probability of dropping something. */
export const rate = (fallback?: number): Field<number> => field(fallback, "a number in [0, 1)", isRate);
export const flag = (fallback?: boolean): Field<boolean> =>
  field(fallback, "true or false", (x) => typeof x === "boolean");
export const oneOf = <const T extends string>(names: readonly T[], fallback?: T): Field<T> =>
  field(fallback, `one of ${names.join(", ")}`, (x) => names.includes(x as T));
/** One of these, or null: the model chooses. */
export const optionalOneOf = <const T extends string>(names: readonly T[]): Field<T | null> =>
  field<T | null>(null, `one of ${names.join(", ")}, or null`, (x) => x === null || names.includes(x as T));
/** A probability of dropping something, or null: another field's. */
export const optionalRate = (fallback: number | null = null): Field<number | null> =>
  field<number | null>(fallback, "a number in [0, 1), or null", (x) => x === null || isRate(x));
/** How many labels there are: as many as `id2label` names, else what `num_labels` says, else 2. */
export const labelCount = (): Field<number> => ({
  ...whole(2),
  implied: ({ id2label }) =>
    typeof id2label === "object" && id2label !== null ? Object.keys(id2label).length : undefined,
});
/** A whole number, 0 too. */
export const count = (fallback?: number): Field<number> => tokenId(fallback);
/** A switch that changes numbers where it has this value, which is not implemented. */
export const not = (value: boolean): Field<boolean | null> =>
  field<boolean | null>(null, `not ${value}: that is not implemented`, (x) => x !== value);
/** A field that changes numbers, of which only this value is implemented. */
export const only = <const T extends string | number | boolean | null>(value: T): Field<T> =>
  field(value, `${JSON.stringify(value)}: nothing else is implemented`, (x) => x === value);

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type ConfigOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

export interface ConfigSpec<F extends Fields> {
  readonly modelType: string;
  readonly fields: F;
  /** What must hold between fields: undefined, or what does not ("n_embd 128 is not a multiple of n_head 3"). */
  contradiction?(config: ConfigOf<F>): string | undefined;
  /** Fields under other names: { n_ctx: "n_positions" }. */
  readonly synonyms?: Readonly<Record<string, string>>;
}

/** For `contradiction`: heads must share the width evenly. */
export const multipleOf =
  (whole: string, part: string) =>
  (config: Readonly<Record<string, unknown>>): string | undefined => {
    const [n, m] = [config[whole] as number, config[part] as number];
    return n % m === 0 ? undefined : `${whole} ${n} is not a multiple of ${part} ${m}`;
  };

/**
 * Checks `given` and fills in defaults. Fields that are not listed do not shape the network, and are passed over.
 * Throws a TypeError that names the field, its value and what it must be.
 */
export function readConfig<F extends Fields>(
  spec: ConfigSpec<F>,
  given: Readonly<Record<string, unknown>>,
): ConfigOf<F> {
  const { modelType, fields, synonyms = {} } = spec;
  const named = given["model_type"];
  if (named !== undefined && named !== modelType)
    throw new TypeError(
      `${modelType}: config.json says "model_type": ${brief(named)}; is this a "${modelType}" checkpoint?`,
    );
  const config: Record<string, unknown> = {};
  for (const [name, { fallback, wants, check, implied, orNull }] of Object.entries(fields)) {
    const others = Object.keys(synonyms).filter((other) => synonyms[other] === name);
    const key = [name, ...others].find((key) => given[key] !== undefined) ?? name;
    const said = implied?.(given) ?? (orNull ? (given[key] ?? undefined) : given[key]);
    const value = said === undefined ? defaultOf(fallback, config) : said;
    if (value === undefined)
      throw new TypeError(`${modelType}: config.json has no "${name}"; is this a "${modelType}" checkpoint?`);
    if (!check(value)) throw new TypeError(`${modelType}: "${key}" is ${brief(value)}, but must be ${wants}`);
    config[name] = value;
  }
  const why = spec.contradiction?.(config as ConfigOf<F>);
  if (why) throw new TypeError(`${modelType}: ${why}`);
  return config as ConfigOf<F>;
}

const defaultOf = (fallback: Field<unknown>["fallback"], before: Readonly<Record<string, unknown>>): unknown =>
  typeof fallback === "function"
    ? (fallback as (before: Readonly<Record<string, unknown>>) => unknown)(before)
    : fallback;

/** `given` with every field under its own name, and none under a synonym. */
export function ownNames<F extends Fields>(
  { synonyms = {} }: ConfigSpec<F>,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const own = { ...given };
  for (const [other, name] of Object.entries(synonyms)) {
    if (own[name] === undefined && own[other] !== undefined) own[name] = own[other];
    delete own[other];
  }
  return own;
}

const LONGEST = 80; // characters

/** A value of the file, in a message: on one line, and cut where it is longer. */
export function brief(value: unknown): string {
  const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  const text =
    typeof value === "string"
      ? JSON.stringify(cut(value))
      : cut(typeof value === "object" ? JSON.stringify(value) : String(value));
  return text.replace(/[\u007f-\u009f\u2028\u2029]/g, "?"); // JSON escapes the other control characters
}
