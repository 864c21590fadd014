/** A subject's graph and the program it becomes: outputs, taps, gradients, for named arguments and any weights. */
import { forward } from "../../src/models/index.ts";
import { compile, type Tree } from "../../src/runtime/compile.ts";
import { type Float, type Gate, type Tensor, trace } from "../../src/tensor/index.ts";
import { type Batch, graphInputs } from "./batch.ts";
import { type FloatValues, type Subject, valuesOf, type Weights } from "./subjects.ts";

type Part = Pick<Subject, "model" | "params" | "inputs">;

/** A model called with these arguments. `gates`: its gates are inputs too. */
export function traced({ model, inputs: known }: Part, names: readonly string[], { gates = false } = {}) {
  const inputs: Record<string, Tensor> = graphInputs(known, names);
  const { result, taps, gates: found } = trace(() => forward(model, inputs), { gates });
  const outputs: Record<string, Float> = {};
  for (const [name, x] of Object.entries(result)) if (x) outputs[name] = x;
  return { inputs, outputs, taps, gates: found };
}

interface Graph {
  readonly inputs: Record<string, Tensor>;
  readonly gates: readonly Gate[];
}

/** Opens what a graph makes of its inputs; it is then run on batches under `weights`, unless told otherwise without dropout. */
export async function open<Out extends Tree>(
  { params }: Pick<Part, "params">,
  { inputs, gates }: Graph,
  weights: Weights,
  outputs: Out,
  mode: "train" | "evaluation" = "evaluation",
) {
  const gateInputs: Record<string, Tensor<"float32">> = {};
  for (const { path, value } of gates) gateInputs[path] = value as Tensor<"float32">;
  const fed = { params: Object.fromEntries(params), inputs, gates: gateInputs };
  const program = await compile(fed, outputs, { mode, threads: 1 });
  const fixed = valuesOf(params, weights);
  return {
    run: (batch: Batch, gateValues: FloatValues = {}) =>
      program({ params: fixed, inputs: batch, gates: gateValues }, { seed: 1 }),
    close: program.close,
    [Symbol.asyncDispose]: program.close,
  };
}
