/** Which layer first shows a number that is not finite? A program that looks at every value of a graph, in order. */
import { type OnnxProgram, toOnnx } from "../onnx/lower.ts";
import { grad, topologicalOrder } from "../tensor/grad.ts";
import { cast } from "../tensor/ops/compare.ts";
import { abs, greater, isNan, or, sum } from "../tensor/ops/index.ts";
import { type Float, show, type Tensor } from "../tensor/tensor.ts";

export interface FinitenessProbe {
  readonly program: OnnxProgram;
  /** For each output, what it counts the bad numbers of. */
  readonly places: ReadonlyMap<string, string>;
}

const LARGEST = 3.4028234663852886e38; // of float32

/** Counts, for each float value that `loss` and its gradients are computed from, the numbers that are not finite. */
export function finitenessProbe(
  loss: Float,
  inputs: Readonly<Record<string, Tensor>>,
  learned: readonly Float[],
): FinitenessProbe {
  const forward = topologicalOrder([loss]);
  const seen = new Set(forward);
  const backward = topologicalOrder(grad(loss, learned, { ifUnused: (x) => x })).filter((x) => !seen.has(x));
  const byTensor = new Map(Object.entries(inputs).map(([name, x]) => [x, name]));
  const outputs: Record<string, Tensor> = {};
  const places = new Map<string, string>();
  for (const x of [...forward, ...backward]) {
    if (x.dtype !== "float32" || x.value || x.results || x.body) continue;
    const name = `bad/${places.size}`;
    outputs[name] = badNumbers(x as Float);
    places.set(name, byTensor.has(x) ? `${byTensor.get(x)!.replace(/^params\//, "parameter ")}` : placeOf(x));
  }
  return { program: toOnnx(inputs, outputs), places };
}

const placeOf = (x: Tensor) =>
  `${x.op === "item" ? x.inputs[0]!.op : x.op} ${show(x)}${x.scope ? ` in ${x.scope}` : ""}`;

const badNumbers = (x: Float): Tensor => sum(cast(or(isNan(x), greater(abs(x), LARGEST)), "float32"));

/** The first place with a bad number, in words. */
export function firstBad(
  places: FinitenessProbe["places"],
  counts: Readonly<Record<string, ArrayLike<number>>>,
): string {
  for (const [output, place] of places) {
    const bad = counts[output]?.[0] ?? 0;
    if (bad > 0) return `the first of them: ${place}, ${bad} number${bad === 1 ? "" : "s"}`;
  }
  return "every value of the step was finite when it was computed again";
}
