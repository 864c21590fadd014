/** Losses drawn in the terminal: one run's at its end, or several runs' beside each other. */
import { type Curve, curveOf, type LossEvent, type Measured } from "../../inspect/figures/curve.ts";
import { along, type By, shown } from "../../inspect/figures/runs.ts";
import { type Point, trend } from "../../inspect/figures/smooth.ts";
import type { Color, Paint } from "./paint.ts";
import { type PlotSeries, plot } from "./plot.ts";
import { count, measure } from "./words.ts";

/** Training and validation loss by step, the best marked, and the floor where it is known. */
export function lossCurve(events: Iterable<LossEvent>, columns: number, paint: Paint): string {
  const { train, validation, best, floor } = curveOf(events);
  const series: PlotSeries[] = [
    { name: "training (smoothed)", color: "cyan", points: trend(train.map(pointOf)) },
    ...(validation.length > 0
      ? [{ name: "validation", color: "yellow", mark: "●", points: validation.map(pointOf) } as const]
      : []),
    ...(best
      ? [
          {
            name: `best ${measure(best.loss)} at ${count(best.step)}`,
            color: "green",
            mark: "◆",
            points: [pointOf(best)],
          } as const,
        ]
      : []),
  ];
  return plot({ title: "loss by step", series, level: levelOf([floor]) }, columns, paint);
}

const COLORS: readonly Color[] = ["cyan", "yellow", "green", "magenta", "red", "blue"];
const MARKS = ["●", "◆", "▲", "■", "✚", "○"];

/** A curve for each run; where there is no colour, letters tell them apart. */
export function runCurves(
  runs: readonly { readonly name: string; readonly curve: Curve }[],
  by: By,
  columns: number,
  paint: Paint,
): string {
  const { axis, value } = along(
    by,
    runs.flatMap(({ curve }) => curve.train),
  );
  const series = runs.flatMap(({ name, curve }, i): PlotSeries[] => {
    const color = COLORS[i % COLORS.length]!;
    const points = shown(curve, value);
    const marked = every(points, Math.ceil(points.length / 12));
    return [
      { name: "", color, points },
      { name, color, points: marked, mark: MARKS[i % MARKS.length]! },
    ];
  });
  const level = levelOf(runs.map(({ curve }) => curve.floor));
  return plot({ title: `loss by ${axis.label}`, xTick: axis.format, series, level }, columns, paint);
}

/** A floor that all share. */
function levelOf(floors: readonly (number | undefined)[]) {
  const [floor] = floors;
  return floor === undefined || new Set(floors).size > 1 ? undefined : { y: floor, name: `floor ${measure(floor)}` };
}

const pointOf = ({ step, loss }: Measured): Point => [step, loss];
const every = <T>(items: readonly T[], n: number): T[] =>
  items.filter((_, i) => i % n === n - 1 || i === items.length - 1);
