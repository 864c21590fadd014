/** One forward and backward pass over the inputs of an `expected.safetensors`. */
import { inputsOf } from "./expected.ts";
import type { Weights } from "./formats/index.ts";
import type { ModelFolder } from "./hub/index.ts";
import { forward } from "./models/index.ts";
import type { Param } from "./nn/index.ts";
import { compile } from "./runtime/compile.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { count } from "./tensor/dtype.ts";
import { type Float, grad, type Tensor, trace, type Value, zerosLike } from "./tensor/index.ts";

export interface Reference {
  readonly folder: ModelFolder;
  readonly expected: Weights;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly options: ProgramOptions;
}

export function readWeights({ params, read }: ModelFolder): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const [name, { shape }] of params) {
    const data = new Float32Array(count(shape));
    read(name, data);
    weights.set(name, data);
  }
  return weights;
}

/** Outputs and gradients of one forward and backward pass, by the file's names. */
export async function onePass({ folder, expected, weights, options }: Reference, names: readonly string[]) {
  const { tensors, values } = inputsOf(expected);
  const { result, taps } = trace(() => forward(folder.model, tensors));
  const made: Record<string, Tensor | undefined> = { ...result };
  for (const kind of new Set(taps.map(({ name }) => name)))
    for (const [i, { value }] of taps.filter(({ name }) => name === kind).entries()) made[`${kind}.${i}`] = value;

  const outputs: Record<string, Tensor> = {};
  for (const name of names.filter((n) => n.startsWith("outputs."))) {
    const output = made[name.slice("outputs.".length)];
    if (!output) throw new Error(`verify: the model has no output "${name.slice("outputs.".length)}"`);
    outputs[name] = output;
  }
  const ours = byGradient(folder);
  const gradNames = names.filter((n) => n.startsWith("grads."));
  const stranger = gradNames.find((name) => !ours.has(name));
  if (stranger) throw new Error(`${expected.path}: "${stranger}" is no parameter of this model`);
  const wrt = gradNames.map((name) => ours.get(name)!);
  const gradients = wrt.length > 0 ? grad(lossOf(result), wrt, { ifUnused: (x: Float) => zerosLike(x) }) : [];
  const grads = Object.fromEntries(gradNames.map((name, i) => [name, gradients[i]!]));

  const params = Object.fromEntries(folder.params);
  await using program = await compile(
    { params, inputs: tensors },
    { outputs, grads },
    { ...options, mode: "evaluation" },
  );
  const fed = Object.fromEntries(
    [...folder.params].map(([name, { shape }]) => [
      name,
      { dtype: "float32", dims: shape, data: weights.get(name)! } as const,
    ]),
  );
  const got = await program({ params: fed, inputs: values });
  const numbers = (group: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(group).map(([name, { data }]) => [name, data as Float32Array]));
  return { outputs: numbers(got.outputs), grads: numbers(got.grads) };
}

/** Parameters by the names that the file gives their gradients. */
export function byGradient({ params, storedNames, spec }: ModelFolder): Map<string, Param> {
  const ours = new Map([...storedNames].map(([name, stored]) => [`grads.${stored}`, params.get(name)!]));
  for (const [copy, path] of Object.entries(spec.architecture.fileNames.tied))
    if (!ours.has(`grads.${copy}`) && params.has(path)) ours.set(`grads.${copy}`, params.get(path)!);
  return ours;
}

export const lossOf = (result: Readonly<Record<string, Float | undefined>>): Float => {
  if (result["loss"]) return result["loss"];
  throw new TypeError("verify: the model gives no loss on these inputs, so gradients and losses cannot be computed");
};
