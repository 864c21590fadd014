/** One run's loss by step: of each batch and its trend, of the validation part, the best, and the floor where it is known. */
import { type Chart, chartSvg, type Series } from "./chart.ts";
import { type Curve, curveOf, type LossEvent, type Measured } from "./curve.ts";
import { type Range, rangeOf } from "./scale.ts";
import { type Point, trend } from "./smooth.ts";

/** A self-contained SVG of a run's events; `title` says which run. */
export const lossSvg = (events: Iterable<LossEvent>, { title = "Loss" } = {}): string =>
  chartSvg(lossChart(curveOf(events), title));

export const NATS = "loss (nats per token)";

function lossChart(curve: Curve, title: string): Chart {
  const { train, validation, best, floor } = curve;
  const batches = train.map(pointOf);
  const smoothed = trend(batches);
  const evaluated = validation.map(pointOf);
  const series: Series[] = [
    { color: 0, points: batches, draw: "thin" },
    { name: "training (smoothed)", color: 0, points: smoothed, draw: "line" },
    { color: 1, points: evaluated, draw: "line" },
    ...(evaluated.length > 0 ? [{ name: "validation", color: 1, points: evaluated, draw: "dots" } as const] : []),
  ];
  return {
    title,
    description: describe(curve),
    panels: [
      {
        x: { label: "step", from: 0 },
        y: { label: NATS, range: shownRange(curve, smoothed) },
        series,
        rule: floor === undefined ? undefined : { y: floor, name: `floor ${floor.toFixed(3)}` },
        notes: best
          ? [{ at: pointOf(best), text: `best ${best.loss.toFixed(3)} at step ${thousands(best.step)}` }]
          : [],
      },
    ],
  };
}

/** All of the trends and nearly all of the batches: a single spike does not flatten the rest. */
function shownRange({ train, validation, floor }: Curve, smoothed: readonly Point[]): Range {
  const batches = train.map(({ loss }) => loss).sort((a, b) => a - b);
  const most = batches.slice(Math.floor(batches.length * 0.005), Math.ceil(batches.length * 0.995));
  const others = [...validation.map(({ loss }) => loss), ...smoothed.map(([, loss]) => loss)];
  return rangeOf([...most, ...others, ...(floor === undefined ? [] : [floor])], { margin: 0.05 });
}

function describe({ train, validation, best, floor }: Curve): string {
  const [first, last] = [train[0], train.at(-1)];
  if (!first || !last) return "No step has been done.";
  return [
    `Training loss from ${first.loss.toFixed(3)} at step ${thousands(first.step)} to ${last.loss.toFixed(3)} at step ${thousands(last.step)}.`,
    ...(best
      ? [`Best of ${validation.length} validation losses: ${best.loss.toFixed(3)} at step ${thousands(best.step)}.`]
      : []),
    ...(floor === undefined ? [] : [`No model can be below ${floor.toFixed(3)}.`]),
  ].join(" ");
}

const pointOf = ({ step, loss }: Measured): Point => [step, loss];
const thousands = (n: number): string => n.toLocaleString("en-US");
