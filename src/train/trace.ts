/** A model and a task become what a worker can run: the training step and the evaluation, as plain data. */
import { type DecoderPlan, planDecoder } from "../generate/index.ts";
import type { Model, ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { type OnnxProgram, type Precision, toOnnx } from "../onnx/lower.ts";
import type { OptimizerOf } from "../optim/index.ts";
import type { Task } from "../tasks/task.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { type Float, input, type Tensor } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";
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

/** `precision`: of the training step. An evaluation is of the float32 weights, which are what is saved. */
export function traceTraining(
  model: Model,
  spec: ModelSpec,
  task: Task<never>,
  optimizer: OptimizerOf,
  precision: Precision = "float32",
): Traced {
  const { loss, inputs, batch } = traceLoss(model, task);
  return {
    plan: planOf({ parameters: namedParams(model), batch, loss, optimizer, precision }),
    evaluation: toOnnx(inputs, { [names.loss]: loss }, { mode: "evaluation" }),
    decoder: spec.architecture.cache && planDecoder(model, spec),
    loss,
    inputs,
  };
}

/** (parameters, batch) → loss, without dropout. */
export function evaluationOf(model: Model, task: Task<never>): OnnxProgram {
  const { loss, inputs } = traceLoss(model, task);
  return toOnnx(inputs, { [names.loss]: loss }, { mode: "evaluation" });
}

function traceLoss(model: Model, task: Task<never>) {
  const batch = Object.fromEntries(
    Object.entries(task.batch).map(([name, { shape, dtype }]) => [name, input(shape, dtype)]),
  );
  const loss = trace(() => task.loss(model, batch)).result;
  const used = new Set(topologicalOrder([loss]));
  const params = [...namedParams(model)].filter(([, w]) => used.has(w));
  const inputs: Record<string, Tensor> = {};
  for (const [name, w] of params) inputs[names.parameter(name)] = w;
  for (const [name, x] of Object.entries(batch)) inputs[names.batch(name)] = x;
  return { loss, inputs, batch };
}
