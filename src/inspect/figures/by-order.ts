/**
 * The held-out loss of n-gram models by how many tokens their rows have: at first each further token helps, until most rows
 * of a new text were never counted (Shannon 1951, "Prediction and Entropy of Printed English").
 */
import { chartSvg } from "./chart.ts";

/** A self-contained SVG of the losses of order 1, 2 …, in nats a token; the least is marked. */
export function byOrderSvg(losses: readonly number[], { title = "n-gram models by their order" } = {}): string {
  const points = losses.map((loss, i) => [i + 1, loss] as const);
  const least = points.reduce((a, b) => (b[1] < a[1] ? b : a));
  return chartSvg({
    title,
    description: `Held-out loss: ${points.map(([order, loss]) => `${loss.toFixed(3)} with order ${order}`).join(", ")}.`,
    panels: [
      {
        x: {
          label: "order: tokens in a row, the next one counted",
          range: [0.8, Math.max(2, losses.length) + 0.2],
          format: (tick) => (Number.isInteger(tick) ? String(tick) : ""),
        },
        y: { label: "held-out loss (nats per token)" },
        series: [
          { color: 0, points, draw: "line" },
          { color: 0, points, draw: "dots" },
        ],
        notes: [{ at: least, text: `least ${least[1].toFixed(3)} with order ${least[0]}` }],
      },
    ],
  });
}
