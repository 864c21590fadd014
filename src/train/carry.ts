/**
 * State that is carried from batch to batch: truncated back-propagation through time (Williams & Peng 1990). A program
 * takes what it left at its last call; where a row begins anew, `continues` is 0 and the row starts from zeros.
 */
import { leftBy, type ModelSpec, remembered } from "../models/index.ts";
import type { Task } from "../tasks/task.ts";
import { mul, reshape } from "../tensor/ops/index.ts";
import { type Float, input, type Shape, type Tensor } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";

/** By name: a state's input, and what it is after the batch. */
export type Carried = Readonly<Record<string, { readonly before: Float; readonly after: Float }>>;

/**
 * The loss of a task whose rows go on where the last batch's ended, and what is carried; nothing where the task says so.
 * Throws a TypeError for a model that keeps no state, or one that grows with the text.
 */
export function traceCarried(
  task: Pick<Task<never>, "loss" | "carries">,
  model: Parameters<Task["loss"]>[0],
  batch: Readonly<Record<string, Tensor>>,
  spec: ModelSpec,
): { readonly loss: Float; readonly carried: Carried } {
  if (!task.carries) return { loss: trace(() => task.loss(model, batch)).result, carried: {} };
  const { modelType } = spec.architecture.spec;
  const cache = Object.entries(spec.architecture.cache?.(spec.config) ?? {});
  if (cache.length === 0 || cache.some(([, { kind, shape }]) => kind !== "state" || shape[0] !== "batch"))
    throw new TypeError(
      `${modelType}: it keeps no state that could be carried from batch to batch; leave carryState out`,
    );
  const continues = batch["continues"] as Float;
  const before = cache.map(([name, { shape }]) => [name, input(shape.with(0, continues.shape[0]!))] as const);
  const going = (x: Tensor<"float32">) => mul(x, reshape(continues, rowShape(x.shape)));
  const states = remembered(Object.fromEntries(before.map(([name, x]) => [name, going(x)])));
  const { result: loss, taps } = trace(() => task.loss(model, { ...batch, ...(states as Record<string, Tensor>) }));
  const carried = before.map(([name, x], i) => [
    name,
    { before: x, after: leftBy(cache[i]![1].left ?? name, {}, taps) },
  ]);
  return { loss, carried: Object.fromEntries(carried) };
}

const rowShape = (shape: Shape): Shape => shape.map((size, axis) => (axis === 0 ? size : 1));
