/** Toy tasks by name: rows for training and others, none of them among those, held out. */
import { fold, hashString, keyOf } from "../../random.ts";
import type { Pairs } from "../pair-files.ts";
import { addition } from "./addition.ts";
import { nameOf, readOptions } from "./asked.ts";
import { copyMemory } from "./copy-memory.ts";
import { dates } from "./dates.ts";
import { dyck } from "./dyck.ts";
import { elman } from "./elman.ts";
import { firstSymbol } from "./first-symbol.ts";
import type { Language } from "./language.ts";
import { parity } from "./parity.ts";
import { copy, reverse, sort } from "./rewriting.ts";
import { draws, option, type Row, type Span, type Toy } from "./row.ts";
import { village } from "./village.ts";

export const toys: Readonly<Record<string, Toy>> = {
  copy,
  reverse,
  sort,
  parity,
  dyck,
  addition,
  "copy-memory": copyMemory,
  "first-symbol": firstSymbol,
  dates,
};

/** What every toy may be given besides its own options. */
export const common = {
  rows: option("rows to train on", 20_000, { low: 1, high: 10_000_000 }),
  held: option("rows held out", 1000, { low: 1, high: 1_000_000 }),
  seed: option("of the rows", 0, { low: 0, high: 2 ** 32 - 1 }),
};

/** Toys without an answer: endless texts whose entropy is known, for language models. */
export const languages: Readonly<Record<string, { readonly summary: string; readonly of: () => Language }>> = {
  elman: { summary: "sentences of two and three words, by Elman's grammar", of: elman },
  village: { summary: "short English-like sentences, those that npm start learns", of: village },
};
const languageOptions = {
  characters: option("of text to train on", 200_000, { low: 1000, high: 100_000_000 }),
  held: option("characters held out", 20_000, { low: 1000, high: 10_000_000 }),
  seed: common.seed,
};

export interface ToyRows {
  readonly train: readonly Row[];
  readonly held: readonly Row[];
}

/**
 * Rows of a toy: "copy", "copy,length=5-8,symbols=4,rows=1000,seed=1". They follow from the name and the options. A row
 * belongs to the one part or the other by its source alone, a tenth of all sources to what is held out: no row that was
 * held out was ever trained on, whatever the seeds. Throws for names and numbers that are not there, and where the
 * options leave too few different rows.
 */
export function toyRows(asked: string): ToyRows {
  const [name, given] = nameOf(asked);
  const toy = Object.hasOwn(toys, name) ? toys[name] : undefined;
  if (!toy) throw new RangeError(`toy: there are no pairs called "${name}"; there are ${Object.keys(toys).join(", ")}`);
  const options = readOptions(name, given, { ...toy.options, ...common });
  const part = (which: "train" | "held", { high: count }: Span) =>
    Array.from({ length: count }, (_, i) =>
      rowOf(name, toy, options, keyOf(options["seed"]!.high, "toy", name, which, i), which),
    );
  return { train: part("train", options["rows"]!), held: part("held", options["held"]!) };
}

/** The rows as pairs, for a model that reads one text and writes another; throws as `toyRows`. */
export function toyPairs(asked: string): { readonly train: Pairs; readonly held: Pairs } {
  const { train, held } = toyRows(asked);
  const pairs = (rows: readonly Row[]): Pairs => ({
    source: rows.map(({ source }) => source),
    target: rows.map(({ target }) => target),
  });
  return { train: pairs(train), held: pairs(held) };
}

export interface ToyText {
  readonly train: string;
  readonly held: string;
  /**
   * The least loss a character of the held-out text, in nats, cut in blocks of so many: of a language exactly what who
   * knows it has, of rows what their sources cost, which is less than that where a block begins within a row.
   */
  readonly floor: (blockSize: number) => number;
}

/** A language's text, or a toy's rows as lines "source=target", for a language model; throws as `toyRows`. */
export function toyText(asked: string): ToyText {
  const [name, given] = nameOf(asked);
  const known = Object.hasOwn(languages, name) ? languages[name] : undefined;
  if (known) {
    const { characters, held, seed } = readOptions(name, given, languageOptions);
    const language = known.of();
    const text = language.generate(keyOf(seed!.high, "held"), held!.high);
    return {
      train: language.generate(keyOf(seed!.high, "train"), characters!.high),
      held: text,
      floor: (blockSize) => language.blockLoss(text, blockSize),
    };
  }
  if (!Object.hasOwn(toys, name))
    throw new RangeError(
      `toy: there is no "${name}"; there are ${[...Object.keys(toys), ...Object.keys(languages)].join(", ")}`,
    );
  const { train, held } = toyRows(asked);
  const lines = (rows: readonly Row[]) => rows.map(({ source, target }) => `${source}=${target}\n`).join("");
  const text = lines(held);
  const nats = held.reduce((sum, { nats }) => sum + nats, 0);
  return { train: lines(train), held: text, floor: () => nats / text.length };
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
