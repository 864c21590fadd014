/** Several runs' losses in one figure: by step, by time and by tokens. */
import { type Axis, chartSvg, type Panel, type Series } from "./chart.ts";
import { type Curve, curveOf, type LossEvent, type Measured } from "./curve.ts";
import { NATS } from "./loss.ts";
import { rangeOf } from "./scale.ts";
import { type Point, trend } from "./smooth.ts";

export interface Run {
  readonly name: string;
  readonly events: Iterable<LossEvent>;
}
/** What losses are compared by. */
export type By = "step" | "time" | "tokens";

/** A self-contained SVG: a panel for each of `by`. Validation losses where a run has them, else its smoothed batches. */
export function runsSvg(
  runs: readonly Run[],
  { title = "Runs compared", by = ["step", "time", "tokens"] as readonly By[] } = {},
): string {
  const curves = runs.map(({ name, events }) => ({ name, curve: curveOf(events) }));
  const best = curves.flatMap(({ name, curve }) => (curve.best ? [`${name}: ${curve.best.loss.toFixed(3)}`] : []));
  return chartSvg({
    title,
    description: best.length > 0 ? `Best validation losses: ${best.join("; ")}.` : "Training losses.",
    panels: by.map((along) => panel(curves, along)),
  });
}

interface NamedCurve {
  readonly name: string;
  readonly curve: Curve;
}

function panel(curves: readonly NamedCurve[], by: By): Panel {
  const { axis, value } = along(
    by,
    curves.flatMap(({ curve }) => curve.train),
  );
  const series = curves.flatMap(({ name, curve }, color): Series[] => {
    const points = shown(curve, value);
    return [
      { name, color, points, draw: "line" },
      ...(curve.validation.length > 0 ? [{ color, points, draw: "dots" } as const] : []),
    ];
  });
  const floors = new Set(curves.flatMap(({ curve }) => curve.floor ?? []));
  const [floor] = floors;
  return {
    x: axis,
    y: { label: NATS },
    series,
    rule: floor !== undefined && floors.size === 1 ? { y: floor, name: `floor ${floor.toFixed(3)}` } : undefined,
  };
}

/** The validation losses, else the trend of the batches'. */
export function shown({ train, validation }: Curve, value: (m: Measured) => number): Point[] {
  const points = (measured: readonly Measured[]): Point[] => measured.map((m) => [value(m), m.loss]);
  return validation.length > 0 ? points(validation) : trend(points(train));
}

/** The axis of a comparison, and where on it a measurement stands; time in the largest unit that gives round numbers. */
export function along(
  by: By,
  all: readonly Measured[],
): { readonly axis: Axis; readonly value: (m: Measured) => number } {
  if (by === "step") return { axis: { label: "step", from: 0 }, value: ({ step }) => step };
  if (by === "tokens")
    return { axis: { label: "tokens read", from: 0, format: compact }, value: ({ tokens }) => tokens };
  const [, longest] = rangeOf(all.map(({ seconds }) => seconds));
  const [unit, seconds] = longest > 2 * 3600 ? ["hours", 3600] : longest > 120 ? ["minutes", 60] : ["seconds", 1];
  return { axis: { label: `training time (${unit})`, from: 0 }, value: (m) => m.seconds / seconds };
}

const compact = (n: number): string => n.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 2 });
