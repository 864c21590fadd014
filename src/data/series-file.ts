/** Series from CSV and TSV files (Node). */
import { quote, quoteList } from "../formats/quote.ts";
import { type ColumnOptions, columnNames, readColumns } from "./columns-file.ts";
import type { Series } from "./series.ts";

export interface SeriesOptions extends ColumnOptions {
  /** The column to predict; the last one unless given. */
  readonly value?: string | undefined;
  /** Further columns that are read to predict it. */
  readonly inputs?: readonly string[] | undefined;
  /** The column of dates. */
  readonly date?: string | undefined;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * A file's columns as numbers, oldest first, as they stand there. Throws as `readColumns`, and for a cell that is no
 * number, with its row and column.
 */
export async function readSeries(
  path: string,
  { value, inputs = [], date, ...options }: SeriesOptions = {},
): Promise<Series> {
  const head = await columnNames(path, options);
  const first = value ?? head.at(-1)!;
  const names = [first, ...inputs];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`${path}: column ${quote(twice)} is named twice`);
  const { columns, place } = await readColumns(path, date === undefined ? names : [...names, date], options);
  return {
    names,
    columns: names.map((name) => Float64Array.from(columns[name]!, (cell, row) => numberOf(cell, name, row))),
    ...(date !== undefined && { labels: columns[date]! }),
  };

  function numberOf(cell: string, name: string, row: number): number {
    const text = cell.trim();
    if (NUMBER.test(text)) return Number(text);
    const other = head.filter((one) => one !== name && one !== date);
    const remedy =
      value === undefined && row === 0 && other.length > 0
        ? `name the column of numbers with --value; there are ${quoteList(head)}`
        : "mend the cell, or leave the row out";
    throw new Error(`${path}: ${place(row)}, column ${quote(name)}: ${quote(text)} is not a number; ${remedy}`);
  }
}
