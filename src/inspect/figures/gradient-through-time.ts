/** What is left of a gradient so many steps back, for several models or moments of one. */
import { chartSvg } from "./chart.ts";
import { logarithmic, rangeOf } from "./scale.ts";

export interface NormsByStep {
  readonly name: string;
  /** How many steps back. */
  readonly steps: readonly number[];
  readonly norms: readonly number[];
}

const LEAST = 1e-12; // of what is drawn: below it, nothing is left

/** A self-contained SVG: |∂h_T/∂s_t| by T − t, upwards in powers of ten. */
export function gradientThroughTimeSvg(
  curves: readonly NormsByStep[],
  { title = "Gradient through time" } = {},
): string {
  const shown = curves.map(({ name, steps, norms }) => ({
    name,
    points: steps.map((n, i) => [n, Math.max(norms[i]!, LEAST)] as const),
  }));
  const levels = shown.flatMap(({ points }) => points.map(([, norm]) => Math.log10(norm)));
  const { 0: low, 1: high } = rangeOf([...levels, 0]);
  return chartSvg({
    title,
    description: shown.map(({ name, points }) => `${name}: ${points.map(sentence).join(", ")}.`).join(" "),
    panels: [
      {
        x: { label: "steps back (T − t)", from: 0 },
        y: {
          label: "|∂h(T)/∂state(t)|, 1 where a step hands on what it was given",
          scale: logarithmic,
          range: [10 ** Math.floor(low), 10 ** Math.ceil(high + 0.1)],
        },
        series: shown.flatMap(({ name, points }, color) => [
          { name, color, points, draw: "line" } as const,
          { color, points, draw: "dots" } as const,
        ]),
        rule: { y: 1, name: "kept whole" },
      },
    ],
  });
}

const sentence = ([n, norm]: readonly [number, number]) => `${norm.toPrecision(2)} after ${n}`;
