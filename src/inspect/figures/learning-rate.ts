/**
 * The learning-rate finder's figure: the loss while the rate grows from step to step (Smith 2017, "Cyclical learning rates
 * for training neural networks", arXiv:1506.01186, §3.3), and the rate it suggests.
 */
import { chartSvg } from "./chart.ts";
import { NATS } from "./loss.ts";
import { logarithmic, rangeOf } from "./scale.ts";
import { type Point, smooth } from "./smooth.ts";

export interface RateLoss {
  readonly learning_rate: number;
  readonly loss: number;
}

/**
 * The rate at which the smoothed loss falls fastest per factor of the rate, before it is lowest. Undefined where it never
 * falls, or for fewer than five rates.
 */
export function suggestLearningRate(tried: readonly RateLoss[]): number | undefined {
  const curve = trendOf(pointsOf(tried));
  if (curve.length < 5) return undefined;
  const lowest = curve.reduce((best, [, loss], i) => (loss < curve[best]![1] ? i : best), 0);
  const reach = Math.max(1, Math.round(curve.length / 20)); // a slope is taken over a tenth of the curve
  let [steepest, suggested] = [0, undefined as number | undefined];
  for (let i = reach; i + reach < curve.length && i <= lowest; i++) {
    const [[x0, y0], [x1, y1]] = [curve[i - reach]!, curve[i + reach]!];
    const slope = (y1 - y0) / Math.log(x1 / x0);
    if (slope < steepest) [steepest, suggested] = [slope, curve[i]![0]];
  }
  return suggested;
}

/** Loss against the learning rate on a logarithmic axis, with the suggestion marked. */
export function lrFinderSvg(tried: readonly RateLoss[], { title = "Learning-rate finder" } = {}): string {
  const points = pointsOf(tried);
  const curve = trendOf(points);
  const suggested = suggestLearningRate(tried);
  const at = curve.find(([rate]) => rate === suggested);
  const first = curve[0]?.[1] ?? 0;
  const [lowest] = rangeOf(curve.map(([, loss]) => loss));
  const shown = curve.map(([, loss]) => Math.min(loss, first + (first - lowest) / 2)); // where it diverges it is cut
  return chartSvg({
    title,
    description:
      suggested === undefined ? "The loss does not fall." : `The loss falls fastest at ${suggested.toExponential(1)}.`,
    panels: [
      {
        x: { label: "learning rate", scale: logarithmic, ...(points.length === 0 && { range: [1e-6, 1] }) },
        y: { label: NATS, range: rangeOf(shown, { margin: 0.1 }) },
        series: [
          { color: 0, points, draw: "thin" },
          { name: "loss (smoothed)", color: 0, points: curve, draw: "line" },
        ],
        notes: at ? [{ at, text: `suggested ${at[0].toExponential(1)}` }] : [],
      },
    ],
  });
}

/** By rising rate. */
const pointsOf = (tried: readonly RateLoss[]): Point[] =>
  tried
    .filter(({ learning_rate, loss }) => learning_rate > 0 && Number.isFinite(loss))
    .map(({ learning_rate, loss }): Point => [learning_rate, loss])
    .sort(([a], [b]) => a - b);

/** Without the batches' noise. */
function trendOf(points: readonly Point[]): Point[] {
  const radius = () => points.length / 30;
  return smooth(smooth(points, radius), radius); // twice: a triangle's weights
}
