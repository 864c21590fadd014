/** A line chart in letters: axes with round ticks, lines in braille dots, points as letters, a level, a legend. */
import { linear, rangeOf, type Scale } from "../../inspect/figures/scale.ts";
import type { Point } from "../../inspect/figures/smooth.ts";
import { canvas } from "./canvas.ts";
import { type Color, type Paint, withoutPaint } from "./paint.ts";

export interface PlotSeries {
  /** In the legend, unless it is empty. */
  readonly name: string;
  readonly color: Color;
  readonly points: readonly Point[];
  /** A letter at each point instead of a line. */
  readonly mark?: string;
}
export interface Plot {
  /** What is plotted over what: "loss by step". */
  readonly title: string;
  readonly xTick?: ((tick: number) => string) | undefined;
  readonly series: readonly PlotSeries[];
  readonly level?: { readonly y: number; readonly name: string } | undefined;
}

const HEIGHT = 12; // rows of the drawing
const WIDEST = 100;

/** Several lines, at most `columns` wide. Without a finite point there is nothing to draw: "". */
export function plot({ title, xTick, series, level }: Plot, columns: number, paint: Paint): string {
  const finite = series.map((one) => ({ ...one, points: one.points.filter((p) => p.every(Number.isFinite)) }));
  const points = finite.flatMap((one) => one.points);
  if (points.length === 0) return "";
  const up = linear(rangeOf([...points.map(([, y]) => y), level?.y ?? Number.NaN], { margin: 0.03 }), 5);
  const margin = Math.max(...up.ticks.map((tick) => up.label(tick).length));
  const width = Math.max(10, Math.min(WIDEST, columns - 1) - margin - 2);
  const across = linear(rangeOf([0, ...points.map(([x]) => x)]), Math.max(2, Math.floor(width / 16)));

  const drawing = canvas(width, HEIGHT);
  for (const { points, color, mark } of finite)
    if (mark === undefined)
      for (const [i, to] of points.entries()) drawing.line(place(points[i - 1] ?? to), place(to), color);
  for (const { points, color, mark } of finite)
    if (mark !== undefined) for (const point of points) drawing.mark(place(point), mark, color);
  if (level) drawing.level(up(level.y), "╌", "dim");
  function place([px, py]: Point): Point {
    return [across(px), up(py)];
  }

  const rowOf = (tick: number) => Math.floor(Math.round((1 - up(tick)) * (4 * HEIGHT - 1)) / 4);
  const labels = new Map(up.ticks.map((tick) => [rowOf(tick), up.label(tick)]));
  const axis = (letter: string) => paint("dim", letter);
  const legend = [
    ...series.flatMap(({ name, color, mark }) => (name === "" ? [] : [`${paint(color, mark ?? "⠒⠒")} ${name}`])),
    ...(level ? [`${paint("dim", "╌╌")} ${level.name}`] : []),
  ];
  return [
    ...wrapped([title, ...legend], columns),
    ...drawing.rows(paint).map((row, i) => {
      const label = labels.get(i);
      return `${(label ?? "").padStart(margin)} ${axis(label === undefined ? "│" : "┤")}${row}`.trimEnd();
    }),
    `${" ".repeat(margin)} ${axis(`└${baseline(across, width)}`)}`,
    `${" ".repeat(margin + 2)}${tickLabels(across, width, xTick ?? across.label)}`,
  ].join("\n");
}

/** Items in lines that are broken between them. */
function wrapped(items: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const longer = lines.length === 0 ? item : `${lines.at(-1)}   ${item}`;
    if (lines.length > 0 && withoutPaint(longer).length < columns) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines;
}

const column = (scale: Scale, tick: number, width: number) => Math.round(scale(tick) * (width - 1));

function baseline(scale: Scale, width: number): string {
  const ticks = new Set(scale.ticks.map((tick) => column(scale, tick, width)));
  return Array.from({ length: width }, (_, i) => (ticks.has(i) ? "┬" : "─")).join("");
}

/** Labels under their ticks, those that do not overlap. */
function tickLabels(scale: Scale, width: number, format: (tick: number) => string): string {
  let line = "";
  for (const tick of scale.ticks) {
    const label = format(tick);
    const start = Math.min(
      width - label.length,
      Math.max(0, column(scale, tick, width) - Math.floor(label.length / 2)),
    );
    if (start >= line.length + (line === "" ? 0 : 2)) line = line.padEnd(start) + label;
  }
  return line;
}
