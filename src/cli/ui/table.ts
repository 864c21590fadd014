/** Rows of text in columns. */
import { withoutPaint } from "./paint.ts";

/** A column for each letter of `align`: "l" left, "r" right; two spaces between them. */
export function table(rows: readonly (readonly string[])[], align: string): string {
  const width = (cell: string | undefined) => withoutPaint(cell ?? "").length;
  const widths = [...align].map((_, i) => rows.reduce((most, row) => Math.max(most, width(row[i])), 0));
  const pad = (cell: string, i: number) => {
    const space = " ".repeat(widths[i]! - width(cell));
    return align[i] === "r" ? space + cell : cell + space;
  };
  return rows
    .map((row) =>
      [...align]
        .map((_, i) => pad(row[i] ?? "", i))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
