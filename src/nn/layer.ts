/**
 * A layer is its parts and its forward function. The result is callable; its keys are its parts, under the names that a
 * checkpoint gives them; nested plain objects and arrays are path segments. The tree can be walked, counted and edited.
 */
import { parameter, type Tensor } from "../tensor/tensor.ts";
import { trace, within } from "../tensor/trace.ts";
import type { InitialValue } from "./init.ts";

/** A trainable tensor of known sizes, and what its first numbers are drawn from. */
export interface Param extends Tensor<"float32"> {
  readonly shape: readonly number[];
  readonly init: InitialValue;
}

export const param = (shape: readonly number[], init: InitialValue): Param => ({ ...parameter(shape), shape, init });

export type Layer<Parts, Args extends unknown[], Out> = Parts & ((...args: Args) => Out);

/** The parts, made callable: `layer({ weight }, ({ weight }, x: Float) => matmul(x, weight))`. */
export function layer<Parts extends object, Args extends unknown[], Out>(
  parts: Parts,
  forward: (parts: Parts, ...args: Args) => Out,
): Layer<Parts, Args, Out> {
  const self = ((...args: Args) => called(self, () => forward(self, ...args))) as Layer<Parts, Args, Out>;
  return Object.defineProperties(self, Object.getOwnPropertyDescriptors(parts));
}

/** Paths of the layers in the model being called. They belong to the call: one layer may live in two models. */
let paths: ReadonlyMap<unknown, string> | undefined;

function called<T>(self: object, forward: () => T): T {
  if (paths) {
    const path = paths.get(self);
    return path === undefined ? forward() : within(path, forward); // not in the tree: part of the layer that calls it
  }
  paths = partsByPath(self); // the outermost layer of a model
  try {
    return trace(() => within("", forward)).result;
  } finally {
    paths = undefined;
  }
}

/**
 * Parameters by path, as in a PyTorch state_dict: "transformer.h.0.attn.c_attn.weight". One that stands in several
 * places (tied weights, shared layers) appears once, under the first.
 */
export function namedParams(model: object): Map<string, Param> {
  return new Map([...partsByPath(model)].flatMap(([part, path]) => (isParam(part) ? [[path, part]] : [])));
}

/** How many numbers a model learns. */
export const countParams = (model: object): number =>
  [...namedParams(model).values()].reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);

/** Every part of a model, with the first path it is found at. */
function partsByPath(model: object): Map<unknown, string> {
  const found = new Map<unknown, string>();
  const walk = (part: unknown, path: string): void => {
    if ((typeof part !== "object" && typeof part !== "function") || part === null || found.has(part)) return;
    found.set(part, path);
    if (!isTensor(part))
      for (const [key, child] of Object.entries(part)) walk(child, path === "" ? key : `${path}.${key}`);
  };
  walk(model, "");
  return found;
}

/** A param, or fixed numbers. */
const isTensor = (x: object): boolean => "op" in x && "dtype" in x;
const isParam = (x: unknown): x is Param => (x as Tensor | null)?.op === "param";
