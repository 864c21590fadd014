/**
 * `inspect --gradient-through-time`: the folder's weights, its checkpoints, and the weights that training began from. Of equal
 * ones, as the last checkpoint's and the folder's often are, there is one curve with both names.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openWeights } from "../../formats/index.ts";
import { type GradientThroughTime, gradientThroughTime, gradientThroughTimeSvg } from "../../inspect/index.ts";
import { fillInitial } from "../../nn/index.ts";
import { keyOf } from "../../random.ts";
import { count } from "../../tensor/dtype.ts";
import type { Asked, Found } from "../commands/inspect.ts";

type Weights = ReadonlyMap<string, Float32Array>;

export async function look({ folder, ids, options, seed }: Asked): Promise<Found> {
  const { model, spec } = folder;
  const curves: (GradientThroughTime & { readonly name: string })[] = [];
  for (const [name, weights] of moments(folder, seed)) {
    const curve = { name, ...(await gradientThroughTime(model, spec, weights, [ids], options)) };
    const same = curves.findIndex(({ norms }) => norms.every((norm, i) => norm === curve.norms[i]));
    if (same < 0) curves.push(curve);
    else curves[same] = { ...curve, name: `${curves[same]!.name}, ${name}` };
  }
  const { modelType } = spec.architecture.spec;
  return {
    svg: gradientThroughTimeSvg(curves, { title: `Gradient through time: ${modelType}` }),
    record: { curves: curves.map(({ name, steps, norms, parts }) => ({ name, steps, norms, parts })) },
    rows: [
      ["steps back", ...curves[0]!.steps.map(String)],
      ...curves.map(({ name, norms }) => [name, ...norms.map((norm) => norm.toPrecision(2))]),
    ],
  };
}

/** Drawn anew as a run with this seed draws them, then checkpoints in their order, then the folder's own. */
function* moments({ params, path, storedNames, read }: Asked["folder"], seed: number): Generator<[string, Weights]> {
  const filled = (fill: (name: string, into: Float32Array) => void): Weights =>
    new Map(
      [...params].map(([name, { shape }]) => {
        const into = new Float32Array(count(shape));
        fill(name, into);
        return [name, into];
      }),
    );
  yield ["before training", filled((name, into) => fillInitial(into, params.get(name)!.init, keyOf(seed, name)))];
  const checkpoints = join(path, "checkpoints");
  const steps = existsSync(checkpoints)
    ? readdirSync(checkpoints).flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    : [];
  for (const step of steps.map(Number).sort((a, b) => a - b)) {
    using weights = openWeights(join(checkpoints, `step-${step}`));
    yield [`step ${step}`, filled((name, into) => weights.readInto(storedNames.get(name) ?? name, into))];
  }
  yield ["as saved", filled(read)];
}
