/** A caller's options for generating over a model's `generation_config.json`, checked and complete. */
import { nearest } from "../models/index.ts";
import { neutral, options } from "./generation-options.ts";
import type { Option } from "./option.ts";

type Options = typeof options;

/** Checked and complete. */
export type GenerationConfig = { readonly [K in keyof Options]: Options[K]["fallback"] };
/** What a caller may say; null as if the file said nothing either. */
export type GenerationOptions = {
  readonly [K in keyof Options]?: NonNullable<Options[K]["given"]> | null | undefined;
} & { readonly [K in keyof typeof neutral]?: unknown };
/** The object of a `generation_config.json`, under its own names. */
export type GenerationFile = Readonly<Record<string, unknown>>;

const NEW_TOKENS = 20; // as in transformers
const sampling = ["temperature", "topK", "topP", "minP"] as const;
const searching = ["lengthPenalty", "coveragePenalty", "earlyStopping"] as const;
const lengths = [
  ["maxNewTokens", "maxLength"],
  ["minNewTokens", "minLength"],
] as const;

/**
 * A file's settings under a caller's options, with defaults. Where neither says `doSample`, it is true if the caller
 * gives one of `temperature`, `topK`, `topP` and `minP`, which would else be silently without effect; a caller's length
 * takes the place of both of the file's. Throws a TypeError that names an unknown option (with the nearest known one), a
 * value that is not what it must be, and what is not implemented; a file's other fields are passed over.
 */
export function generationConfig(given: GenerationOptions = {}, file: GenerationFile = {}): GenerationConfig {
  const said = (name: keyof Options) => given[name] !== undefined && given[name] !== null;
  const stored = new Map(Object.entries(file).map(([key, value]) => [camelCase(key), { key, value }]));
  for (const pair of lengths) if (pair.some(said)) for (const name of pair) stored.delete(name);
  checkNames(given);
  for (const [name, values] of Object.entries<readonly unknown[]>(neutral)) {
    const { value, error } = find(name, given, stored);
    if (value !== undefined && value !== null && !values.includes(value))
      throw error(`, which is not implemented; ${name}: ${values[0] ?? null} goes without it`);
  }

  const config: Record<string, unknown> = {};
  for (const [name, { fallback, wants, read }] of Object.entries<Option<unknown>>(options)) {
    const { value, error } = find(name, given, stored);
    config[name] = value === undefined || value === null ? fallback : read(value);
    if (config[name] === undefined) throw error(`, but must be ${wants}`);
  }
  if (given.doSample === undefined && stored.get("doSample")?.value === undefined)
    config["doSample"] = sampling.some(said);
  if (config["maxLength"] === null) config["maxNewTokens"] ??= NEW_TOKENS;
  checkTogether(config as GenerationConfig);
  const idle = searching.find((name) => said(name) && given[name] !== false);
  if (config["numBeams"] === 1 && idle !== undefined)
    throw new TypeError(`generate: ${idle} is of a beam search, and numBeams is 1; set numBeams, 4 for example`);
  return config as GenerationConfig;
}

/** The caller's value, else the file's, and an error that says whose it is. */
function find(name: string, given: GenerationFile, stored: ReadonlyMap<string, { key: string; value: unknown }>) {
  const own = given[name] !== undefined;
  const { key, value } = own
    ? { key: name, value: given[name] }
    : (stored.get(name) ?? { key: name, value: undefined });
  const whose = own ? "generate" : "generation_config.json";
  return { value, error: (why: string) => new TypeError(`${whose}: ${key} is ${show(value)}${why}`) };
}

function checkNames(given: GenerationFile): void {
  const known = Object.keys(options);
  const unknown = Object.keys(given).find((name) => !known.includes(name) && !Object.hasOwn(neutral, name));
  if (unknown !== undefined)
    throw new TypeError(`generate: there is no option "${unknown}"; did you mean "${nearest(unknown, known)}"?`);
}

function checkTogether(config: GenerationConfig): void {
  const { maxNewTokens, minNewTokens, doSample, numReturnSequences: rows, numBeams, whenFull } = config;
  if (minNewTokens !== null && maxNewTokens !== null && minNewTokens > maxNewTokens)
    throw new TypeError(`generate: minNewTokens ${minNewTokens} is more than maxNewTokens ${maxNewTokens}`);
  if (numBeams > 1 && rows > numBeams)
    throw new TypeError(
      `generate: numReturnSequences ${rows} is more than numBeams ${numBeams}; set numBeams: ${rows}`,
    );
  if (numBeams === 1 && rows > 1 && !doSample)
    throw new TypeError(
      `generate: numReturnSequences ${rows} without sampling gives one text ${rows} times; set doSample: true, or numBeams: ${rows}`,
    );
  if (numBeams > 1 && whenFull === "slide")
    throw new TypeError(
      `generate: numBeams is ${numBeams}, but whenFull: "slide" forgets what beams are compared by; set whenFull: "stop", or numBeams: 1`,
    );
}

const show = (x: unknown) => (typeof x === "object" || typeof x === "string" ? JSON.stringify(x) : String(x));

const camelCase = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
