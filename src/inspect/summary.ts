/** What a model costs before anything runs: its parameters by part, the memory and the arithmetic of using and training it. */
import type { Fields } from "../models/config.ts";
import { build, forward, type InputSpec, inputsOf, limitsOf, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { type Float, grad, input, type Tensor, trace, zerosLike } from "../tensor/index.ts";
import { elements, flops } from "./flops.ts";
import { liveBytes } from "./live-memory.ts";

export interface Part {
  /** The parameter's path, as in the checkpoint. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly parameters: number;
}
export interface Summary {
  readonly model_type: string;
  /** The class name that `config.json` lists under "architectures". */
  readonly head: string;
  readonly parameters: number;
  readonly trainable: number;
  readonly parts: readonly Part[];
  /** Sequences in a batch, and positions in each, that the rest is for. */
  readonly batch: number;
  readonly time: number;
  readonly memory: Memory;
  readonly flops: Flops;
}
/** In bytes, everything in float32. */
export interface Memory {
  readonly parameters: number;
  readonly gradients: number;
  readonly optimizer: number;
  /** The most intermediate values that are alive at once in a training step: an estimate. */
  readonly activations: number;
  /** Training's sum. */
  readonly training: number;
  /** Parameters, and what is alive at once in a forward pass of one sequence: an estimate. */
  readonly inference: number;
}
/** Two for each multiply-add of a matrix product or convolution, as the graphs have them. */
export interface Flops {
  /** A forward pass of one sequence. */
  readonly inference: number;
  /** Forward and backward, of the batch. */
  readonly training: number;
}

interface SummaryOptions {
  readonly batch?: number;
  /** As many positions as the model can take, at most 1,024, unless given. */
  readonly time?: number;
  /** Numbers that the optimizer keeps for each parameter: Adam's two, unless given. */
  readonly slots?: number;
}

const FLOAT = 4; // bytes
const USUAL_TIME = 1024;
/** Answers to a multiple-choice question. */
const CHOICES = 4;

/** Traces the model with this head; nothing runs. Throws a TypeError for a head that it lacks and for sizes it cannot take. */
export function summarize<F extends Fields>(spec: ModelSpec<F>, head: string, options: SummaryOptions = {}): Summary {
  const { architecture } = spec;
  const { positions } = limitsOf(spec);
  const { batch = 1, time = Math.min(positions, USUAL_TIME), slots = 2 } = options;
  if (time > positions)
    throw new RangeError(`${architecture.spec.modelType}: ${time} positions > ${positions}, the most it can take`);
  const model = build(spec, head);
  const params = namedParams(model);
  const parts = [...params].map(([name, { shape }]) => ({ name, shape, parameters: elements(shape) }));
  const parameters = parts.reduce((n, part) => n + part.parameters, 0);
  const run = (batch: number) => trace(() => forward(model, graphInputs(inputsOf(spec, head), batch, time))).result;

  const used = Object.entries(run(1)).flatMap(([name, x]) => (x && name !== "loss" ? [x] : []));
  const { loss } = run(batch);
  const weights = [...params.values()];
  const step = loss ? [loss, ...grad(loss, weights, { ifUnused: (x: Float) => zerosLike(x) })] : [];
  const size = parameters * FLOAT;
  const memory = { parameters: size, gradients: size, optimizer: slots * size, activations: liveBytes(step) };
  return {
    model_type: architecture.spec.modelType,
    head,
    parameters,
    trainable: parameters,
    parts,
    batch,
    time,
    memory: {
      ...memory,
      training: Object.values(memory).reduce((a, b) => a + b),
      inference: size + liveBytes(used, withoutDropout),
    },
    flops: { inference: flops(used, withoutDropout), training: flops(step) },
  };
}

/** All that the head may be given, with numbers for its named sizes: a batch, and every other one as long as a sequence. */
function graphInputs(inputs: Readonly<Record<string, InputSpec>>, batch: number, time: number): Record<string, Tensor> {
  const size = (d: number | string) =>
    typeof d === "number" ? d : d === "batch" ? batch : d === "choices" ? CHOICES : time;
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, input(shape.map(size), dtype)]),
  );
}

const actual = (x: Tensor): Tensor => (x.evaluation ? actual(x.evaluation) : x);
const withoutDropout = (x: Tensor): readonly Tensor[] => x.inputs.map(actual);
