/**
 * What a training step costs by the length of its sequences, and why recurrence does not parallelise: the matrix products
 * that must wait for one another are as many for every length in a Transformer, and grow with it in a recurrent network
 * (Vaswani et al. 2017, arXiv:1706.03762, table 1).
 */
import { build, forward, inputsOf, limitsOf, type Model, type ModelSpec } from "../models/index.ts";
import { fillInitial, namedParams } from "../nn/index.ts";
import { type OnnxProgram, type Signature, toOnnx } from "../onnx/lower.ts";
import { below, keyOf } from "../random.ts";
import type { Values } from "../runtime/engine.ts";
import { median } from "../runtime/median.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { arrayOf, count, type DType, type Value } from "../tensor/dtype.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { grad, input, type Tensor, trace, zerosLike } from "../tensor/index.ts";
import { liveBytes } from "./live-memory.ts";
import { productsInARow } from "./products-in-a-row.ts";

export interface StepCost {
  /** Tokens in each sequence; in a source and in what is written for it, where there are both. */
  readonly time: number;
  /** Milliseconds of the loss and all gradients, the median of all runs: one for each number of threads. */
  readonly ms: readonly number[];
  /** The most bytes of intermediate values alive at once: counted in the graph as `summarize` does, not measured. */
  readonly activations: number;
  /** Matrix products that must wait for one another, forwards and backwards. */
  readonly inARow: number;
}

interface Options extends Pick<ProgramOptions, "device"> {
  /** 16, 32 … 256, those that the model can take, unless given. */
  readonly lengths?: readonly number[];
  /** Sequences in a batch. */
  readonly batch?: number;
  /** Each length is timed with each of these. */
  readonly threads?: readonly number[];
  /** Steps that are timed, after one that is not. */
  readonly runs?: number;
  readonly seed?: number;
}

const LENGTHS = [16, 32, 64, 128, 256];

/**
 * From drawn weights, on drawn tokens; the update is left out, since it costs the same for every length. Throws a TypeError
 * for a head that does not score every token, and a RangeError for a length that is not whole, less than 2, or more than
 * the model can take.
 *
 *     await stepCosts(lstm({ vocab_size: 65 }), "LstmForCausalLM", { threads: [1, 2] })
 */
export async function stepCosts(
  spec: ModelSpec,
  head: string,
  { lengths = usualLengths(spec), batch = 8, threads = [1], runs = 5, seed = 0, ...options }: Options = {},
): Promise<StepCost[]> {
  checkStepCost(spec, head, lengths);
  const model = build(spec, head);
  const costs: StepCost[] = [];
  for (const time of lengths) {
    const { inputs, outputs } = traceStep(model, [batch, time]);
    const step = Object.values(outputs);
    const program = toOnnx(inputs, outputs);
    const feeds = feedsOf(model, program.inputs, limitsOf(spec), seed);
    const ms: number[] = [];
    for (const shared of threads) ms.push(await timeStep(program, feeds, runs, { ...options, threads: shared }));
    costs.push({ time, ms, activations: liveBytes(step), inARow: productsInARow(step) });
  }
  return costs;
}

/** Throws what `stepCosts` would, before anything is measured. */
export function checkStepCost(spec: ModelSpec, head: string, lengths: readonly number[] = usualLengths(spec)): void {
  const { modelType } = spec.architecture.spec;
  const { input_ids, labels } = inputsOf(spec, head);
  if (input_ids?.shape.length !== 2 || labels?.shape.length !== 2)
    throw new TypeError(
      `step cost: ${modelType}: ${head} does not score every token of a row; take a model of language or translation`,
    );
  const { positions } = limitsOf(spec);
  for (const time of lengths) {
    if (!(Number.isInteger(time) && time >= 2))
      throw new RangeError(`step cost: a length must be a whole number ≥ 2, got ${time}`);
    if (time > positions)
      throw new RangeError(`step cost: ${modelType}: ${time} positions > ${positions}, the most it can take`);
  }
}

/** At least one. */
function usualLengths(spec: ModelSpec): readonly number[] {
  const { positions } = limitsOf(spec);
  return LENGTHS[0]! > positions ? [positions] : LENGTHS.filter((time) => time <= positions);
}

/** (ids, labels, parameters) → the loss and its gradients. */
function traceStep(model: Model, dims: readonly number[]) {
  const batch = { input_ids: input(dims, "int64"), labels: input(dims, "int64") };
  const loss = trace(() => forward(model, batch)).result["loss"]!;
  const params = [...namedParams(model)];
  const gradients = grad(
    loss,
    params.map(([, x]) => x),
    { ifUnused: zerosLike },
  );
  const used = new Set(topologicalOrder([loss, ...gradients]));
  return {
    inputs: { ...batch, ...Object.fromEntries(params.filter(([, x]) => used.has(x))) } as Record<string, Tensor>,
    outputs: { loss, ...Object.fromEntries(params.map(([name], i) => [`grads/${name}`, gradients[i]!])) },
  };
}

function feedsOf(
  model: Model,
  inputs: readonly Signature[],
  { vocabulary, sourceVocabulary }: ReturnType<typeof limitsOf>,
  seed: number,
): Values {
  const params = namedParams(model);
  const key = keyOf(seed, "step cost");
  return Object.fromEntries(
    inputs.map(({ name, dtype, dims }) => {
      const value = zeros(dtype, dims as readonly number[]);
      const init = params.get(name)?.init;
      if (init) fillInitial(value.data as Float32Array, init, keyOf(seed, name));
      if (name === "input_ids")
        // labels stay 0, a class that every head has
        for (const i of value.data.keys())
          value.data[i] = BigInt(below(Math.min(vocabulary, sourceVocabulary), key, i));
      return [name, value];
    }),
  );
}

/** Milliseconds. */
async function timeStep(onnx: OnnxProgram, feeds: Values, runs: number, options: ProgramOptions): Promise<number> {
  await using program = await openProgram(onnx, { ...options, inPlace: true });
  const into = Object.fromEntries(
    onnx.outputs.map(({ name, dtype, dims }) => [name, zeros(dtype, dims as readonly number[])]),
  );
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    await program.run(feeds, into);
    if (run > 0) times.push(performance.now() - start);
  }
  return median(times);
}

const zeros = (dtype: DType, dims: readonly number[]): Value =>
  ({ dtype, dims, data: new arrayOf[dtype](count(dims)) }) as Value;
