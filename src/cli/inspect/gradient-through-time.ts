/**
 * `inspect --gradient-through-time`: the folder's weights, its checkpoints, and the weights that training began from. Of
 * equal ones, as the last checkpoint's and the folder's often are, there is one curve with both names. Beside other folders
 * each has the beginning and the end alone.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openWeights } from "../../formats/index.ts";
import { folderTokenizer, openFolder } from "../../hub/index.ts";
import { type GradientThroughTime, gradientThroughTime, gradientThroughTimeSvg } from "../../inspect/index.ts";
import { fillInitial } from "../../nn/index.ts";
import { keyOf } from "../../random.ts";
import { count } from "../../tensor/dtype.ts";
import type { Asked, Found } from "../commands/inspect.ts";
import { UserError } from "../errors.ts";
import { namesOf } from "./names.ts";

type Weights = ReadonlyMap<string, Float32Array>;

export async function look({ folder, ids, text, options, seed, beside = [] }: Asked): Promise<Found> {
  const alone = beside.length === 0;
  const nameOf = namesOf([folder.path, ...beside]);
  const measure = async (other: Asked["folder"], ids: readonly number[]): Promise<Curve[]> => {
    const { model, spec, path } = other;
    const curves: Curve[] = [];
    for (const [moment, weights] of moments(other, seed, alone)) {
      const name = alone ? moment : `${nameOf(path)}, ${moment}`;
      const curve = { name, ...(await gradientThroughTime(model, spec, weights, [ids], options)) };
      const same = curves.findIndex(({ norms }) => norms.every((norm, i) => norm === curve.norms[i]));
      if (same < 0) curves.push(curve);
      else curves[same] = { ...curve, name: `${curves[same]!.name}, ${moment}` };
    }
    return curves;
  };
  const curves = await measure(folder, ids);
  for (const path of beside) {
    using other = openFolder(path);
    const read = [...(await folderTokenizer(path)).encodeIds(text)];
    if (read.length !== ids.length)
      throw new UserError(
        `--beside: the text is ${ids.length} tokens to ${folder.path}, but ${read.length} to ${path}`,
        {
          remedy: "compare models that read the same tokens",
        },
      );
    curves.push(...(await measure(other, read)));
  }
  const { modelType } = folder.spec.architecture.spec;
  return {
    svg: gradientThroughTimeSvg(curves, { title: `Gradient through time${alone ? `: ${modelType}` : ""}` }),
    record: { curves: curves.map(({ name, steps, norms, parts }) => ({ name, steps, norms, parts })) },
    rows: [
      ["steps back", ...curves[0]!.steps.map(String)],
      ...curves.map(({ name, norms }) => [name, ...norms.map((norm) => norm.toPrecision(2))]),
    ],
  };
}

interface Curve extends GradientThroughTime {
  readonly name: string;
}

/** Drawn anew as a run with this seed draws them, then checkpoints in their order if asked for, then the folder's own. */
function* moments(
  { params, path, storedNames, read }: Asked["folder"],
  seed: number,
  withCheckpoints: boolean,
): Generator<[string, Weights]> {
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
  const steps =
    withCheckpoints && existsSync(checkpoints)
      ? readdirSync(checkpoints).flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
      : [];
  for (const step of steps.map(Number).sort((a, b) => a - b)) {
    using weights = openWeights(join(checkpoints, `step-${step}`));
    yield [`step ${step}`, filled((name, into) => weights.readInto(storedNames.get(name) ?? name, into))];
  }
  yield ["as saved", filled(read)];
}
