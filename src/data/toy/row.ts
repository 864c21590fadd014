/** A toy task: rows drawn by chance whose answer follows from the question, so that the best model has all of them right. */
import { below, fold } from "../../random.ts";

export interface Row {
  readonly source: string;
  readonly target: string;
  /** -ln p of the source: what cannot be predicted of the row, in nats. The target follows from it. */
  readonly nats: number;
}

/** Numbers from `low` to `high`, both among them. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Whole numbers by chance: draw i of a key's stream in the order of the calls, and what all draws cost in nats. */
export interface Draws {
  /** One of [0, n), each as probable. */
  below(n: number): number;
  /** One of a span, each as probable. */
  within(span: Span): number;
  readonly nats: number;
}

export function draws(key: number): Draws {
  let [index, nats] = [0, 0];
  const next = (n: number): number => {
    nats += Math.log(n);
    return below(n, fold(key, index++), 0);
  };
  return {
    below: next,
    within: ({ low, high }) => low + next(high - low + 1),
    get nats() {
      return nats;
    },
  };
}

export interface Toy {
  /** One line: what is asked. */
  readonly summary: string;
  /** Its options, what they are unless given, and what they may be. */
  readonly options: Readonly<Record<string, Option>>;
  row(draws: Draws, options: Readonly<Record<string, Span>>): Row;
}
export interface Option {
  readonly summary: string;
  readonly fallback: Span;
  readonly limits: Span;
}

export const option = (summary: string, fallback: Span | number, limits: Span): Option => ({
  summary,
  fallback: typeof fallback === "number" ? { low: fallback, high: fallback } : fallback,
  limits,
});

/** Letters a, b, c … of an alphabet of `size`, `length` of them. */
export const letters = (draws: Draws, length: number, size: number, alphabet = LETTERS): string =>
  Array.from({ length }, () => alphabet[draws.below(size)]).join("");
export const LETTERS = "abcdefghijklmnopqrstuvwxyz";
