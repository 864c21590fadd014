/**
 * What a `config.json` may say: each field with its default (Hugging Face's for that model type) and its check, so that
 * a file of another model, an impossible value or a misspelt setting is told by name before anything is built.
 */

export interface Field<T> {
  /** Undefined: the field must be there. */
  readonly fallback: T | undefined;
  /** What it must be, in words: "a whole number ≥ 1". */
  readonly wants: string;
  readonly check: (value: unknown) => value is T;
}

const field = <T>(fallback: T | undefined, wants: string, check: (value: unknown) => boolean): Field<T> => ({
  fallback,
  wants,
  check: check as Field<T>["check"],
});

const isWhole = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 1 && (x as number) < 2 ** 31;

export const whole = (fallback?: number): Field<number> => field(fallback, "a whole number ≥ 1", isWhole);
/** A size that may be left to the model: null in the file. */
export const optionalWhole = (): Field<number | null> =>
  field<number | null>(null, "a whole number ≥ 1 or null", (x) => x === null || isWhole(x));
export const positive = (fallback?: number): Field<number> =>
  field(fallback, "a number > 0", (x) => typeof x === "number" && x > 0 && Number.isFinite(x));
/** A probability of dropping something. */
export const rate = (fallback?: number): Field<number> =>
  field(fallback, "a number in [0, 1)", (x) => typeof x === "number" && x >= 0 && x < 1);
export const flag = (fallback?: boolean): Field<boolean> =>
  field(fallback, "true or false", (x) => typeof x === "boolean");
export const oneOf = <const T extends string>(names: readonly T[], fallback?: T): Field<T> =>
  field(fallback, `one of ${names.join(", ")}`, (x) => names.includes(x as T));
/** A field that changes numbers, of which only this value is implemented. */
export const only = <const T extends string | number | boolean | null>(value: T): Field<T> =>
  field(value, `${JSON.stringify(value)}: nothing else is implemented`, (x) => x === value);

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type ConfigOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

export interface ConfigSpec<F extends Fields> {
  readonly modelType: string;
  readonly fields: F;
  /** What must hold between fields: undefined, or what does not ("n_embd 128 is not a multiple of n_head 3"). */
  readonly contradiction?: (config: ConfigOf<F>) => string | undefined;
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

/** Checks `given` and fills in defaults. Fields that are not listed do not shape the network, and are passed over. */
export function readConfig<F extends Fields>(
  spec: ConfigSpec<F>,
  given: Readonly<Record<string, unknown>>,
): ConfigOf<F> {
  const { modelType, fields, synonyms = {} } = spec;
  const named = given["model_type"];
  if (named !== undefined && named !== modelType)
    throw new TypeError(
      `${modelType}: config.json says "model_type": ${JSON.stringify(named)}; is this a "${modelType}" checkpoint?`,
    );
  const config: Record<string, unknown> = {};
  for (const [name, { fallback, wants, check }] of Object.entries(fields)) {
    const other = Object.keys(synonyms).find((key) => synonyms[key] === name && given[key] !== undefined);
    const value =
      given[name] ?? (other === undefined ? undefined : given[other]) ?? (given[name] === null ? null : undefined);
    if (value === undefined && fallback === undefined)
      throw new TypeError(`${modelType}: config.json has no "${name}"; is this a "${modelType}" checkpoint?`);
    const filled = value === undefined || (value === null && !check(null)) ? fallback : value;
    if (!check(filled))
      throw new TypeError(`${modelType}: "${name}" is ${JSON.stringify(value)}, but must be ${wants}`);
    config[name] = filled;
  }
  const why = spec.contradiction?.(config as ConfigOf<F>);
  if (why) throw new TypeError(`${modelType}: ${why}`);
  return config as ConfigOf<F>;
}
