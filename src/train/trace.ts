/** A model and a task become what a worker can run: the training step and the evaluation, as plain data. */
import type { Model } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { type OnnxProgram, toOnnx } from "../onnx/lower.ts";
import type { OptimizerOf } from "../optim/index.ts";
import type { Task } from "../tasks/task.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { type Float, input, type Tensor } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";
import { names, type Plan, planOf } from "./plan.ts";

export interface Traced {
  readonly plan: Plan;
  readonly evaluation: OnnxProgram;
  /** The graph that both came from, for who wants to look inside. */
  readonly loss: Float;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

export function traceTraining(model: Model, task: Task<never>, optimizer: OptimizerOf): Traced {
  const params = namedParams(model);
  const batch = Object.fromEntries(
    Object.entries(task.batch).map(([name, { shape, dtype }]) => [name, input(shape, dtype)]),
  );
  const loss = trace(() => task.loss(model, batch)).result;
  const plan = planOf({ parameters: params, batch, loss, optimizer });
  const used = new Set(topologicalOrder([loss]));
  const inputs = Object.fromEntries([
    ...[...params].flatMap(([name, w]) => (used.has(w) ? [[names.parameter(name), w] as const] : [])),
    ...Object.entries(batch).map(([name, x]) => [names.batch(name), x] as const),
  ]);
  return { plan, evaluation: toOnnx(inputs, { [names.loss]: loss }, { mode: "evaluation" }), loss, inputs };
}
