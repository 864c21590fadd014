/** Toy tasks by name: rows for training and others, none of them among those, held out. */
import { fold, hashString, keyOf } from "../../random.ts";
import type { Pairs } from "../pair-files.ts";
import { addition } from "./addition.ts";
import { copyMemory } from "./copy-memory.ts";
import { dates } from "./dates.ts";
import { dyck } from "./dyck.ts";
import { parity } from "./parity.ts";
import { copy, reverse, sort } from "./rewriting.ts";
import { draws, option, type Row, type Span, type Toy } from "./row.ts";

export const toys: Readonly<Record<string, Toy>> = {
  copy,
  reverse,
  sort,
  parity,
  dyck,
  addition,
  "copy-memory": copyMemory,
  dates,
};

/** What every toy may be given besides its own options. */
export const common = {
  rows: option("rows to train on", 20_000, { low: 1, high: 10_000_000 }),
  held: option("rows held out", 1000, { low: 1, high: 1_000_000 }),
};

export interface ToyRows {
  readonly train: readonly Row[];
  readonly held: readonly Row[];
}

/**
 * Rows of a toy: "copy", "copy,length=5-8,symbols=4,rows=1000". They follow from the name, the options and the seed. A
 * row belongs to the one part or the other by its source alone, a tenth of all sources to what is held out: no row that
 * was held out was ever trained on, whatever the seeds. Throws for names and numbers that are not there, and where the
 * options leave too few different rows.
 */
export function toyRows(asked: string, { seed = 0 } = {}): ToyRows {
  const { name, toy, options } = parse(asked);
  const part = (which: "train" | "held", count: number) =>
    Array.from({ length: count }, (_, i) => rowOf(name, toy, options, keyOf(seed, "toy", name, which, i), which));
  return { train: part("train", options["rows"]!.high), held: part("held", options["held"]!.high) };
}

/** The rows as pairs, for a model that reads one text and writes another. */
export function toyPairs(asked: string, { seed = 0 } = {}): { readonly train: Pairs; readonly held: Pairs } {
  const { train, held } = toyRows(asked, { seed });
  const pairs = (rows: readonly Row[]): Pairs => ({
    source: rows.map(({ source }) => source),
    target: rows.map(({ target }) => target),
  });
  return { train: pairs(train), held: pairs(held) };
}

/**
 * The rows as lines of text, "source=target", for a language model. `floor` is the least loss a character that one can
 * have who knows how rows are drawn, in nats: of the held-out text, whose targets cost nothing.
 */
export function toyText(asked: string, { seed = 0 } = {}): { train: string; held: string; floor: number } {
  const { train, held } = toyRows(asked, { seed });
  const lines = (rows: readonly Row[]) => rows.map(({ source, target }) => `${source}=${target}\n`).join("");
  const text = lines(held);
  return { train: lines(train), held: text, floor: held.reduce((sum, { nats }) => sum + nats, 0) / text.length };
}

const MOST_TRIES = 10_000;

/** The first of a key's rows that belongs to the part. */
function rowOf(
  name: string,
  toy: Toy,
  options: Readonly<Record<string, Span>>,
  key: number,
  part: "train" | "held",
): Row {
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const row = toy.row(draws(fold(key, attempt)), options);
    if ((fold(hashString(name), hashString(row.source)) % 10 === 0) === (part === "held")) return row;
  }
  throw new RangeError(
    `toy:${name}: there are too few different rows to ${part === "held" ? "hold some out" : "train on"}; make them longer`,
  );
}

function parse(asked: string): { name: string; toy: Toy; options: Readonly<Record<string, Span>> } {
  const [name, ...given] = asked.split(",") as [string, ...string[]];
  const toy = Object.hasOwn(toys, name) ? toys[name] : undefined;
  if (!toy) throw new RangeError(`toy: there is no "${name}"; there are ${Object.keys(toys).join(", ")}`);
  const known = { ...toy.options, ...common };
  const options = Object.fromEntries(Object.entries(known).map(([key, { fallback }]) => [key, fallback]));
  for (const text of given) {
    const [key, value] = text.split("=") as [string, string | undefined];
    if (!Object.hasOwn(known, key))
      throw new RangeError(`toy:${name}: there is no option "${key}"; there are ${Object.keys(known).join(", ")}`);
    options[key] = spanOf(`toy:${name}: ${key}`, value ?? "", known[key as keyof typeof known]!.limits);
  }
  return { name, toy, options };
}

/** "5", or "5-8" for all from 5 to 8. */
function spanOf(what: string, text: string, { low: least, high: most }: Span): Span {
  const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const span = { low: Number(low), high: Number(high) };
  if (span.low >= least && span.low <= span.high && span.high <= most) return span;
  throw new RangeError(`${what} is "${text}", but must be a whole number or two (5-8) from ${least} to ${most}`);
}
