/** Predictions of a series against what came, held-out rows after the last ones that were learned from. */
import { chartSvg, type Series } from "./chart.ts";
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

/** A self-contained SVG: the truth as a line, each model's predictions as another. */
export function seriesSvg({ title, unit, truth, first = 0, predictions, labels }: SeriesFigure): string {
  const points = (values: ArrayLike<number>, from: number): Point[] =>
    Array.from(values, (value, i): Point => [from + i, value]);
  const series: Series[] = [
    { name: "truth", color: 7, points: points(truth, first), draw: "line" },
    ...predictions.map(
      ({ name, from, values }, i): Series => ({ name, color: i, points: points(values, from), draw: "line" }),
    ),
  ];
  const label = (row: number) => labels?.[row] ?? row.toLocaleString("en-US");
  return chartSvg({
    title,
    description: `${truth.length} values of ${unit} and the predictions of ${predictions.map(({ name }) => name).join(", ") || "no model"}.`,
    panels: [
      {
        x: { label: labels ? "date" : "row", format: label },
        y: { label: unit },
        series,
      },
    ],
  });
}
