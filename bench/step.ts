/** A case's programs as `train` makes them, and first weights to feed them. */
import { type Case, headOf, sameBatch, settings } from "../src/cli/cases.ts";
import { build } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import { fillInitial } from "../src/nn/init.ts";
import type { Precision } from "../src/onnx/index.ts";
import { keyOf } from "../src/random.ts";
import type { Values } from "../src/runtime/engine.ts";
import { count } from "../src/tensor/dtype.ts";
import { names } from "../src/train/plan.ts";
import { optimizerOf, trainingSettings } from "../src/train/settings.ts";
import { traceTraining } from "../src/train/trace.ts";

export function stepOf(given: Case, precision: Precision = "float32") {
  const spec = given.model;
  const model = build(spec, headOf(given));
  const optimizer = optimizerOf(trainingSettings(settings));
  const { plan, evaluation } = traceTraining(model, spec, sameBatch(given), optimizer, {
    precision,
    rows: given.batch,
  });
  const weights: Record<string, Values[string]> = {};
  for (const [name, { shape, init }] of namedParams(model)) {
    const data = new Float32Array(count(shape));
    fillInitial(data, init, keyOf(0, name));
    weights[names.parameter(name)] = { dtype: "float32", dims: shape, data };
  }
  return { plan, evaluation, weights };
}
