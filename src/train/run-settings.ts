/** A run's settings, kept in its `run.json`, and which of them may differ when it goes on. */
import type { Json, JsonObject } from "../formats/index.ts";
import { show } from "../formats/quote.ts";

/** All that decides a run's numbers, and what may differ; as JSON. */
export type RunSettings = {
  /** `config.json`'s content. */
  readonly model: JsonObject;
  /** The name of the folder whose numbers it begins with. */
  readonly base?: string;
  readonly task: Json;
  readonly tokenizer: Json;
  /** Where the target has one of its own. */
  readonly targetTokenizer?: Json;
  /** A fingerprint for each file. */
  readonly data: Json;
  readonly training: JsonObject;
  readonly threads?: number;
  readonly device?: string;
};

/** What changes neither the data nor an update: how often it speaks and saves, and what it runs on. */
const MAY_DIFFER: ReadonlySet<string> = new Set([
  "training.loggingSteps",
  "training.sampleSteps",
  "training.saveSteps",
  "training.saveTotalLimit",
  "threads", // changes the last bits
  "device", // likewise
]);

const SHOWN = 8;

export interface Difference {
  /** "training.batchSize", "data.train[0].bytes" */
  readonly key: string;
  /** Undefined: it is not there. */
  readonly before: unknown;
  readonly now: unknown;
}

/** Every setting that differs; `fixed` are those that a run cannot change, `free` the others. */
export function compareSettings(
  before: Json | RunSettings,
  now: RunSettings,
): { readonly fixed: readonly Difference[]; readonly free: readonly Difference[] } {
  const [old, given] = [new Map(leaves(before)), new Map(leaves(now))];
  const differences = [...new Set([...old.keys(), ...given.keys()])]
    .map((key) => ({ key, before: old.get(key), now: given.get(key) }))
    .filter(({ before, now }) => before !== now);
  return {
    fixed: differences.filter(({ key }) => !MAY_DIFFER.has(key)),
    free: differences.filter(({ key }) => MAY_DIFFER.has(key)),
  };
}

/** "training.batchSize 12 → 16, data.train[0].bytes 100 → 200"; at most eight. */
export function listDifferences(differences: readonly Difference[]): string {
  const shown = differences.slice(0, SHOWN).map(({ key, before, now }) => `${key} ${show(before)} → ${show(now)}`);
  const more = differences.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Every value that is neither an object nor an array with something in it, under its path. */
function* leaves(value: unknown, path = ""): Generator<[string, unknown]> {
  const isArray = Array.isArray(value);
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const present = entries.filter(([, item]) => item !== undefined);
  if (present.length === 0) yield [path, typeof value === "object" && value !== null ? (isArray ? "[]" : "{}") : value];
  for (const [key, item] of present)
    yield* leaves(item, isArray ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`);
}
