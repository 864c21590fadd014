/** Named columns of text from a file of rows: CSV (RFC 4180) and TSV, read by Papa Parse, or a JSON object a line (Node). */
import { extname } from "node:path";
import { parseJson } from "../formats/json.ts";
import { quote, quoteList, show } from "../formats/quote.ts";
import { type ReadTextOptions, readText } from "./text-file.ts";

export interface ColumnOptions extends ReadTextOptions {
  /** The columns' names in order, where the first row is none of names. */
  readonly columns?: readonly string[] | undefined;
}

/** Columns of equal length, and where each row stands: "row 2" of a table counts its head, "line 2" of JSON lines. */
export interface Columns<Name extends string> {
  readonly columns: Readonly<Record<Name, readonly string[]>>;
  readonly place: (row: number) => string;
}

const DELIMITERS: Readonly<Record<string, string>> = { ".csv": ",", ".tsv": "\t" };

/**
 * These columns of a file that ends in .csv, .tsv or .jsonl. Throws for another ending, a column that is not there (with
 * those that are), a row of other length, a quote that is not closed, a line that is no JSON object or has no text there.
 */
export async function readColumns<Name extends string>(
  path: string,
  names: readonly Name[],
  { columns, ...options }: ColumnOptions = {},
): Promise<Columns<Name>> {
  const ending = extname(path).toLowerCase();
  if (ending !== ".jsonl" && !(ending in DELIMITERS))
    throw new Error(`${path}: ends in ${quote(ending)}; a file of rows ends in .csv, .tsv or .jsonl`);
  let text = "";
  for await (const piece of readText(path, options)) text += piece;
  if (ending === ".jsonl") return fromLines(path, text, names);
  return fromTable(path, await tableOf(path, text, DELIMITERS[ending]!), names, columns);
}

/** The names of a .csv or .tsv file's columns. Throws as {@link readColumns} does for other endings and broken files. */
export async function columnNames(
  path: string,
  { columns, ...options }: ColumnOptions = {},
): Promise<readonly string[]> {
  const delimiter = DELIMITERS[extname(path).toLowerCase()];
  if (delimiter === undefined)
    throw new Error(`${path}: ends in ${quote(extname(path))}; a file of numbers ends in .csv or .tsv`);
  if (columns) return columns;
  let text = "";
  for await (const piece of readText(path, options)) {
    text += piece;
    if (/\n./.test(text)) break; // a whole first row
  }
  return (await tableOf(path, text.slice(0, text.search(/\n./) + 1 || undefined), delimiter))[0] ?? [];
}

async function tableOf(path: string, text: string, delimiter: string): Promise<readonly (readonly string[])[]> {
  const { default: Papa } = await import("papaparse");
  const isMixed = text.includes("\r\n") && /(^|[^\r])\n/.test(text); // Papa Parse takes one of the two for all lines
  const lines = isMixed ? text.replaceAll("\r\n", "\n") : text;
  const { data, errors } = Papa.parse<string[]>(lines, { delimiter, skipEmptyLines: true });
  const [error] = errors;
  if (error) throw new Error(`${path}: row ${(error.row ?? 0) + 1}: ${error.message.toLowerCase()}`);
  return data;
}

function fromTable<Name extends string>(
  path: string,
  table: readonly (readonly string[])[],
  names: readonly Name[],
  given: readonly string[] | undefined,
): Columns<Name> {
  const head = given ?? table[0] ?? [];
  const rows = given ? table : table.slice(1);
  const first = given ? 1 : 2;
  const at = names.map((name) => head.indexOf(name));
  const missing = names.filter((_, i) => at[i]! < 0);
  if (missing.length > 0)
    throw new Error(`${path}: there is no column ${quoteList(missing)}; there are ${quoteList(head)}`);
  const wrong = rows.findIndex((row) => row.length !== head.length);
  if (wrong >= 0)
    throw new Error(
      `${path}: row ${wrong + first} has ${rows[wrong]!.length} fields, and there are ${head.length} columns (${quoteList(head)})`,
    );
  return {
    columns: byName(names, (_, i) => rows.map((row) => row[at[i]!]!)),
    place: (row) => `row ${row + first}`,
  };
}

function fromLines<Name extends string>(path: string, text: string, names: readonly Name[]): Columns<Name> {
  const lines = text.split("\n").map((line, i) => ({ line, place: `line ${i + 1}` }));
  const rows = lines.filter(({ line }) => line.trim() !== "");
  const objects = rows.map(({ line, place }) => {
    const value = parseJson(line, `${path}: ${place}`);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    throw new Error(
      `${path}: ${place} is ${show(value)}, but must be an object: {${names.map((name) => `"${name}": …`).join(", ")}}`,
    );
  });
  const cell = (name: Name, row: number): string => {
    const value = (objects[row] as Readonly<Record<string, unknown>>)[name];
    if (typeof value === "string") return value;
    const has =
      value === undefined
        ? `has no ${quote(name)}, but ${quoteList(Object.keys(objects[row]!))}`
        : `has ${show(value)} as ${quote(name)}, which must be a text`;
    throw new Error(`${path}: ${rows[row]!.place} ${has}`);
  };
  return {
    columns: byName(names, (name) => objects.map((_, row) => cell(name, row))),
    place: (row) => rows[row]!.place,
  };
}

const byName = <Name extends string, T>(names: readonly Name[], of: (name: Name, i: number) => T): Record<Name, T> =>
  Object.fromEntries(names.map((name, i) => [name, of(name, i)])) as Record<Name, T>;
