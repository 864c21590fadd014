/** A training step's time, memory and longest chain of matrix products by the length of its sequences, for several models. */
import { chartSvg, type Panel, type Series } from "./chart.ts";
import { logarithmic } from "./scale.ts";

export interface CostByLength {
  readonly name: string;
  readonly costs: readonly {
    /** Tokens in a sequence. */
    readonly time: number;
    /** Milliseconds, one for each number of threads. */
    readonly ms: readonly number[];
    /** Bytes of intermediate values. */
    readonly activations: number;
    /** Matrix products that wait for one another. */
    readonly inARow: number;
  }[];
}

/** A self-contained SVG. Each model was timed with these numbers of threads: pale lines but for the last. */
export function stepCostSvg(
  models: readonly CostByLength[],
  threads: readonly number[],
  { title = "What a training step costs" } = {},
): string {
  const last = threads.length - 1;
  const costs = models.flatMap((model) => model.costs);
  const x = { label: "tokens in a sequence", from: 0 };
  const drawn = (of: (cost: CostByLength["costs"][number]) => number, how?: string): Series[] =>
    models.flatMap(({ name, costs }, color) => {
      const points = costs.map((cost) => [cost.time, of(cost)] as const);
      return [
        { name: how ? `${name}, ${how}` : name, color, points, draw: how ? "thin" : "line" } as const,
        ...(how ? [] : [{ color, points, draw: "dots" } as const]),
      ];
    });
  const upTo = (values: readonly number[]) => [0, 1.08 * Math.max(...values)] as const;
  const panels: readonly Panel[] = [
    {
      x,
      y: { label: `milliseconds of a step, ${words(threads[last]!)}`, range: upTo(costs.flatMap(({ ms }) => ms)) },
      series: [
        ...drawn(({ ms }) => ms[last]!),
        ...threads.slice(0, last).flatMap((n, i) => drawn(({ ms }) => ms[i]!, words(n))),
      ],
    },
    {
      x,
      y: { label: "intermediate values at once (MB)", range: upTo(costs.map((cost) => cost.activations / MB)) },
      series: drawn(({ activations }) => activations / MB),
    },
    {
      x,
      y: {
        label: "matrix products that must wait for one another",
        scale: logarithmic,
        range: [1, 10 ** Math.ceil(Math.log10(Math.max(2, ...costs.map(({ inARow }) => inARow))))],
        format: (tick) => tick.toLocaleString("en-US"),
      },
      series: drawn(({ inARow }) => inARow),
    },
  ];
  return chartSvg({ title, description: models.map((model) => sentence(model, threads)).join(" "), panels });
}

const MB = 1e6; // bytes
const words = (threads: number) => (threads === 1 ? "1 thread" : `${threads} threads`);

const sentence = ({ name, costs }: CostByLength, threads: readonly number[]) =>
  `${name}: ${costs
    .map(({ time, ms, activations, inARow }) => {
      const timed = ms.map((each, i) => `${each.toFixed(1)} ms with ${words(threads[i]!)}`);
      const size = `${(activations / MB).toFixed(1)} MB`;
      return `${time} tokens ${[...timed, size, `${inARow} products in a row`].join(", ")}`;
    })
    .join("; ")}.`;
