/**
 * Quality by the length of the source: a fixed context holds less and less of a longer sentence, attention does not (Cho
 * et al. 2014, arXiv:1409.1259, figure 4; Bahdanau et al. 2015, figure 2).
 */
import { chartSvg } from "./chart.ts";
import { rangeOf } from "./scale.ts";

export interface LengthBand {
  /** Source tokens, both ends counted. */
  readonly from: number;
  readonly to: number;
  /** How many texts. */
  readonly count: number;
  readonly score: number;
}
export interface QualityByLength {
  readonly name: string;
  readonly bands: readonly LengthBand[];
}

/** At most so many bands, of at least their share of the texts but for the last; texts of one length are in one band. */
export function lengthBands(lengths: readonly number[], bands: number): readonly (readonly number[])[] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const found: number[][] = [];
  for (const row of order) {
    const last = found.at(-1);
    const isFull = last && last.length >= lengths.length / bands && lengths[last.at(-1)!] !== lengths[row];
    if (!last || isFull) found.push([row]);
    else last.push(row);
  }
  return found;
}

/** A self-contained SVG: a line for each model through the middle of each band. */
export const byLengthSvg = (
  models: readonly QualityByLength[],
  { title = "Quality by the source's length", measure = "BLEU" } = {},
): string =>
  chartSvg({
    title,
    description: models
      .map(
        ({ name, bands }) =>
          `${name}: ${bands.map((b) => `${b.from}–${b.to} tokens ${b.score.toFixed(1)}`).join(", ")}`,
      )
      .join("; "),
    panels: [
      {
        x: { label: "tokens of the source" },
        y: {
          label: measure,
          range: [0, rangeOf(models.flatMap(({ bands }) => bands.map(({ score }) => score)))[1] * 1.1],
        },
        series: models.flatMap(({ name, bands }, color) => {
          const points = bands.map(({ from, to, score }) => [(from + to) / 2, score] as const);
          return [
            { name, color, points, draw: "line" as const },
            { color, points, draw: "dots" as const },
          ];
        }),
      },
    ],
  });
