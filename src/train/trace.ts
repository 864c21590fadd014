/** A model and a task become what a worker can run: the training step and the evaluation, as plain data. */
import { type DecoderPlan, planDecoder } from "../generate/index.ts";
import type { Model, ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { type OnnxProgram, type Precision, toOnnx } from "../onnx/lower.ts";
import type { OptimizerOf } from "../optim/index.ts";
import type { Task } from "../tasks/task.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { type Dim, type Float, input, type Shape, type Tensor } from "../tensor/tensor.ts";
import { traceCarried } from "./carry.ts";
import { names, type Plan, planOf } from "./plan.ts";

export interface Traced {
  readonly plan: Plan;
  readonly evaluation: OnnxProgram;
  /** Where the model continues texts. */
  readonly decoder: DecoderPlan | undefined;
  /** The graph that both came from, for who wants to look inside. */
  readonly loss: Float;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

interface TraceOptions {
  /** Of the training step. */
  readonly precision?: Precision;
  /** Of its batches, where state is carried between them. */
  readonly batchSize?: number;
  /** How many rows every one of its batches has; free unless given. */
  readonly rows?: number | undefined;
}

/** An evaluation is of the float32 weights, which are what is saved. */
export function traceTraining(
  model: Model,
  spec: ModelSpec,
  task: Task<never>,
  optimizer: OptimizerOf,
  { precision = "float32", batchSize = 1, rows }: TraceOptions = {},
): Traced {
  const { loss, inputs, batch, carried } = traceLoss(model, task, spec, rows);
  return {
    plan: planOf({ parameters: namedParams(model), batch, loss, carried, rows: batchSize, optimizer, precision }),
    evaluation: evaluationOf(model, task, spec),
    decoder: spec.architecture.cache && planDecoder(model, spec),
    loss,
    inputs,
  };
}

/** (parameters, batch, what is carried) → loss and what is carried, without dropout. */
export function evaluationOf(model: Model, task: Task<never>, spec: ModelSpec): OnnxProgram {
  const { loss, inputs, carried } = traceLoss(model, { ...task, loss: task.evaluationLoss ?? task.loss }, spec);
  const left = Object.entries(carried).map(([name, { after }]) => [names.carried(name), after]);
  return toOnnx(inputs, { [names.loss]: loss, ...Object.fromEntries(left) }, { mode: "evaluation" });
}

function traceLoss(
  model: Model,
  task: Pick<Task<never>, "batch" | "loss" | "carries">,
  spec: ModelSpec,
  rows: Dim = "batch",
) {
  const sized = (shape: Shape) => shape.map((size) => (size === "batch" ? rows : size));
  const batch = Object.fromEntries(
    Object.entries(task.batch).map(([name, { shape, dtype }]) => [name, input(sized(shape), dtype)]),
  );
  const { loss, carried } = traceCarried(task, model, batch, spec);
  const used = new Set(topologicalOrder([loss]));
  const params = [...namedParams(model)].filter(([, w]) => used.has(w));
  const inputs: Record<string, Tensor> = {};
  for (const [name, w] of params) inputs[names.parameter(name)] = w;
  for (const [name, x] of Object.entries(batch)) inputs[names.batch(name)] = x;
  for (const [name, { before }] of Object.entries(carried)) inputs[names.batch(name)] = before;
  return { loss, inputs, batch, carried };
}
