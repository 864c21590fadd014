/** A line chart as SVG: one or more panels under a title and a legend, each with axes, grid, lines, points and notes. */
import { linear, type Range, rangeOf, type Scale, type ScaleOf } from "./scale.ts";
import type { Point } from "./smooth.ts";
import { thin } from "./smooth.ts";
import { element, path, svgDocument, text } from "./svg.ts";
import { COLORS, style } from "./theme.ts";

export interface Series {
  /** In the legend; a series without a name is not listed there. */
  readonly name?: string;
  /** Series of one color belong together. */
  readonly color: number;
  readonly points: readonly Point[];
  readonly draw: "line" | "thin" | "dots";
}
export interface Axis {
  readonly label: string;
  readonly scale?: ScaleOf;
  /** What is shown; everything unless given. */
  readonly range?: Range;
  /** Shown even where nothing is that low. */
  readonly from?: number;
  /** Instead of the scale's own tick labels. */
  readonly format?: (tick: number) => string;
}
export interface Panel {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** A level that spans the panel, with its name. */
  readonly rule?: { readonly y: number; readonly name: string } | undefined;
  /** Points that deserve words. */
  readonly notes?: readonly { readonly at: Point; readonly text: string }[];
}
export interface Chart {
  readonly title: string;
  /** What it shows, for those who cannot see it. */
  readonly description: string;
  readonly panels: readonly Panel[];
}

const WIDTH = 760;
const PLOT = { left: 60, right: WIDTH - 36, height: 300 };
const PANEL = { above: 34, below: 54 };
const LETTER = 6.4; // pixels that a letter of the legend takes, about
const MOST_POINTS = 1500;

export function chartSvg({ title, description, panels }: Chart): string {
  const legend = legendOf(panels.flatMap(({ series }) => series));
  const above = 36 + legend.height;
  const one = PANEL.above + PLOT.height + PANEL.below;
  const height = above + panels.length * one;
  return svgDocument({ width: WIDTH, height, title, description, style }, [
    text(title, { class: "title", x: 20, y: 28 }),
    ...legend.parts,
    ...panels.map((panel, i) => drawPanel(panel, above + i * one + PANEL.above, `plot${i}`)),
  ]);
}

function drawPanel({ x, y, series, rule, notes = [] }: Panel, top: number, id: string): string {
  const shown = series.flatMap(({ points }) => points);
  const [across, up] = [
    (x.scale ?? linear)(x.range ?? rangeOf([...shown.map(([x]) => x), x.from ?? Number.NaN]), 8),
    (y.scale ?? linear)(y.range ?? rangeOf([...shown.map(([, y]) => y), rule?.y ?? Number.NaN], { margin: 0.05 }), 6),
  ];
  const [width, bottom] = [PLOT.right - PLOT.left, top + PLOT.height];
  const place = ([px, py]: Point): Point => [PLOT.left + across(px) * width, bottom - up(py) * PLOT.height];
  return element("g", {}, [
    element("clipPath", { id }, [
      element("rect", { x: PLOT.left - 4, y: top - 4, width: width + 8, height: PLOT.height + 8 }),
    ]),
    ...grid(across, up, { x, y }, top),
    element("g", { "clip-path": `url(#${id})` }, [
      ...(rule
        ? [element("path", { class: "rule", d: path([place([across.low, rule.y]), place([across.high, rule.y])]) })]
        : []),
      ...series.flatMap((one) => drawSeries(one, place)),
    ]),
    ...(rule ? [text(rule.name, { class: "note", x: PLOT.left + 8, y: place([across.low, rule.y])[1] - 6 })] : []),
    ...notes.flatMap((note) => drawNote(note.text, place(note.at))),
  ]);
}

function grid(across: Scale, up: Scale, { x, y }: Pick<Panel, "x" | "y">, top: number): string[] {
  const bottom = top + PLOT.height;
  const labels = {
    x: x.format ?? across.label,
    y: y.format ?? up.label,
  };
  return [
    ...up.ticks.flatMap((tick) => {
      const at = bottom - up(tick) * PLOT.height;
      return [
        element("line", { class: "grid", x1: PLOT.left, x2: PLOT.right, y1: at, y2: at }),
        text(labels.y(tick), { x: PLOT.left - 8, y: at + 4, "text-anchor": "end" }),
      ];
    }),
    ...across.ticks.flatMap((tick) => {
      const at = PLOT.left + across(tick) * (PLOT.right - PLOT.left);
      return [
        element("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 5 }),
        text(labels.x(tick), { x: at, y: bottom + 19, "text-anchor": "middle" }),
      ];
    }),
    element("line", { class: "axis", x1: PLOT.left, x2: PLOT.right, y1: bottom, y2: bottom }),
    text(x.label, { x: (PLOT.left + PLOT.right) / 2, y: bottom + 38, "text-anchor": "middle" }),
    text(y.label, { x: 20, y: top - 14 }),
  ];
}

function drawSeries({ points, draw, color }: Series, place: (p: Point) => Point): string[] {
  const colored = `c${color % COLORS}`;
  if (draw !== "dots")
    return [element("path", { class: `${draw} ${colored}`, d: path(thin(points, MOST_POINTS).map(place)) })];
  return points
    .map(place)
    .filter(([cx, cy]) => Number.isFinite(cx) && Number.isFinite(cy))
    .map(([cx, cy]) => element("circle", { class: `dot ${colored}`, cx, cy, r: points.length > 60 ? 2 : 3.5 }));
}

/** A ring around the point and words above it: to its right, where a falling curve leaves room, if they fit there. */
function drawNote(words: string, [x, y]: Point): string[] {
  const fits = x + 8 + words.length * LETTER < WIDTH;
  return [
    element("circle", { class: "ring", cx: x, cy: y, r: 6 }),
    text(words, { class: "note", x: fits ? x + 8 : x + 6, y: y - 12, "text-anchor": fits ? "start" : "end" }),
  ];
}

/** The named series in rows, a sample of each before its name. */
function legendOf(series: readonly Series[]): { readonly parts: string[]; readonly height: number } {
  const named = new Map(series.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])));
  let [x, y] = [20, 50];
  const parts = [...named].flatMap(([name, { draw, color }]) => {
    const width = 26 + name.length * LETTER + 20;
    if (x + width > WIDTH && x > 20) [x, y] = [20, y + 20];
    const colored = `c${color % COLORS}`;
    const sample =
      draw === "dots"
        ? element("circle", { class: `dot ${colored}`, cx: x + 9, cy: y - 4, r: 3.5 })
        : element("path", {
            class: `${draw} ${colored}`,
            d: path([
              [x, y - 4],
              [x + 18, y - 4],
            ]),
          });
    const label = text(name, { class: "name", x: x + 26, y });
    x += width;
    return [sample, label];
  });
  return { parts, height: named.size === 0 ? 0 : y - 30 };
}
