/** Pairs of texts, what is read and what is to be written: from two aligned files, or from a file with two columns (Node). */
import { basename } from "node:path";
import { quoteList } from "../formats/quote.ts";
import { type ColumnOptions, readColumns } from "./columns-file.ts";
import { type ReadTextOptions, readText } from "./text-file.ts";

/** Source i belongs to target i. */
export interface Pairs {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** What was left out, in words. */
  readonly warnings?: readonly string[];
}

/**
 * Files whose lines belong together; several of a side are read one after another. Pairs with an empty side are left
 * out, with a warning that counts them and says where the first is.
 * Throws where the two sides have not as many lines, with both counts and the first line without a partner.
 */
export async function readAligned(
  source: readonly string[],
  target: readonly string[],
  options: ReadTextOptions = {},
): Promise<Pairs> {
  const [a, b] = [await readLines(source, options), await readLines(target, options)];
  if (a.lines.length !== b.lines.length) {
    const [more, fewer] = a.lines.length > b.lines.length ? [a, b] : [b, a];
    throw new Error(
      `aligned files: ${sides(source)} has ${a.lines.length} lines and ${sides(target)} has ${b.lines.length}; line i of one belongs to line i of the other, and ${more.place(fewer.lines.length)} has no partner`,
    );
  }
  return withoutEmpty(a.lines, b.lines, (row, side) => (side === "source" ? a : b).place(row));
}

export interface PairColumns extends ColumnOptions {
  /** The columns' names; "source" and "target" unless given. */
  readonly source?: string | undefined;
  readonly target?: string | undefined;
}

/** The same from files that end in .csv, .tsv or .jsonl. Throws as {@link readColumns}. */
export async function readPairs(
  paths: readonly string[],
  { source = "source", target = "target", ...options }: PairColumns = {},
): Promise<Pairs> {
  const [sources, targets, places]: [string[], string[], string[]] = [[], [], []];
  for (const path of paths) {
    const { columns, place } = await readColumns(path, [source, target], options);
    for (const [row, text] of columns[source]!.entries()) {
      sources.push(text);
      targets.push(columns[target]![row]!);
      places.push(`${basename(path)}, ${place(row)}`);
    }
  }
  return withoutEmpty(sources, targets, (row) => places[row]!);
}

/** Lines of files one after another, without their ends; what follows a file's last line end is no line. */
export async function readLines(
  paths: readonly string[],
  options: ReadTextOptions = {},
): Promise<{ readonly lines: string[]; readonly place: (row: number) => string }> {
  const lines: string[] = [];
  const starts: { readonly path: string; readonly first: number }[] = [];
  for (const path of paths) {
    starts.push({ path, first: lines.length });
    let text = "";
    for await (const piece of readText(path, options)) text += piece;
    const own = text.split(/\r?\n/);
    if (own.at(-1) === "") own.pop();
    for (const line of own) lines.push(line);
  }
  return {
    lines,
    place(row) {
      const { path, first } = starts.findLast(({ first }) => first <= row)!;
      return `${basename(path)}, line ${row - first + 1}`;
    },
  };
}

const sides = (paths: readonly string[]): string => (paths.length === 1 ? paths[0]! : quoteList(paths));

function withoutEmpty(
  source: readonly string[],
  target: readonly string[],
  place: (row: number, side: "source" | "target") => string,
): Pairs {
  const isEmpty = (text: string) => text.trim() === "";
  const rows = [...source.keys()];
  const empty = rows.filter((row) => isEmpty(source[row]!) || isEmpty(target[row]!));
  if (empty.length === 0) return { source, target };
  if (empty.length === rows.length) throw new Error(`pairs: none of the ${rows.length} has text on both sides`);
  const [first] = empty as [number];
  const out = new Set(empty);
  const kept = rows.filter((row) => !out.has(row));
  const where = place(first, isEmpty(source[first]!) ? "source" : "target");
  return {
    source: kept.map((row) => source[row]!),
    target: kept.map((row) => target[row]!),
    warnings: [`${empty.length} of ${rows.length} pairs have an empty side and are left out; the first: ${where}`],
  };
}
