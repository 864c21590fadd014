/** Predictions of a series against what came, held-out rows after the last ones that were learned from. */
import { chartSvg, type Panel, type Series } from "./chart.ts";
import type { Point } from "./smooth.ts";

export interface SeriesFigure {
  readonly title: string;
  /** What the values are. */
  readonly unit: string;
  /** The series, from row `first` on. */
  readonly truth: ArrayLike<number>;
  readonly first?: number;
  /** What each model said, from row `from` on. */
  readonly predictions: readonly { readonly name: string; readonly from: number; readonly values: ArrayLike<number> }[];
  /** What stands beside a row, in place of its number. */
  readonly labels?: readonly string[] | undefined;
}

/** What is longer than this also has its last rows shown, so many of them. */
const LONG = 300;
const LAST = 120;

/** A self-contained SVG: the truth as a line, each model's predictions as another, the first of them on top. */
export function seriesSvg({ title, unit, truth, first = 0, predictions, labels }: SeriesFigure): string {
  const end = first + truth.length;
  const panel = (begin: number): Panel => {
    const points = (values: ArrayLike<number>, from: number): Point[] =>
      Array.from(values, (value, i): Point => [from + i, value]).filter(([row]) => row >= begin);
    const told = predictions.map(
      ({ name, from, values }, i): Series => ({ name, color: i, points: points(values, from), draw: "line" }),
    );
    return {
      x: { label: labels ? "date" : "row", format: (row) => labels?.[row] ?? row.toLocaleString("en-US") },
      y: { label: begin > first ? `${unit}, the last ${LAST} rows` : unit },
      series: [{ name: "truth", color: 7, points: points(truth, first), draw: "line" }, ...told.reverse()],
    };
  };
  return chartSvg({
    title,
    description: `${truth.length} values of ${unit} and the predictions of ${predictions.map(({ name }) => name).join(", ") || "no model"}.`,
    panels: [panel(first), ...(truth.length > LONG ? [panel(end - LAST)] : [])],
  });
}
