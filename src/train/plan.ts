/** A training step as plain data: what the caller traces and a worker runs, since functions cannot cross. */
import { type OnnxProgram, type Precision, toOnnx } from "../onnx/lower.ts";
import type { Optimizer, OptimizerOf } from "../optim/optimizer.ts";
import { grad, topologicalOrder } from "../tensor/grad.ts";
import { type Float, show, type Tensor } from "../tensor/tensor.ts";
import type { Carried } from "./carry.ts";
import { type Update, updateOf } from "./update.ts";

export interface Plan {
  /** (parameters, batch) → (loss, metrics, gradients or their rows), under the names of `names`. */
  readonly gradients: OnnxProgram;
  /** Every parameter, learned or not. */
  readonly parameters: readonly PlannedParameter[];
  readonly updates: readonly Update[];
  readonly metrics: readonly string[];
  /** What each batch leaves for the next: the batch's input of this name, and the output that it is then. */
  readonly carried: readonly { readonly name: string; readonly dims: readonly number[] }[];
}

export interface PlannedParameter {
  readonly name: string;
  readonly dims: readonly number[];
  /** Which of the plan's updates it takes; absent: it is frozen, or the loss does not use it. */
  readonly update?: number;
  /** Its gradient is given as rows [n, C] and the ids [n] at which they belong: see `table-gradients.ts`. */
  readonly byRows?: true;
}

/** The names of a plan's inputs and outputs. Another program over the same weights calls its parameters the same. */
export const names = {
  loss: "loss",
  parameter: (name: string): string => `params/${name}`,
  batch: (name: string): string => `batch/${name}`,
  gradient: (name: string): string => `grads/${name}`,
  rows: (name: string): string => `rows/${name}`,
  ids: (name: string): string => `ids/${name}`,
  metric: (name: string): string => `metrics/${name}`,
  carried: (name: string): string => `carried/${name}`,
} as const;

interface Traced {
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** What one batch holds. */
  readonly batch: Readonly<Record<string, Tensor>>;
  /** A scalar that depends on them. */
  readonly loss: Float;
  /** Scalars to be told beside the loss. */
  readonly metrics?: Readonly<Record<string, Float>>;
  /** State that a batch takes as an input of its name, and leaves for the next; "batch" is `rows` in its sizes. */
  readonly carried?: Carried;
  readonly rows?: number;
  readonly optimizer: Optimizer | OptimizerOf;
  readonly frozen?: (name: string) => boolean;
  /** "evaluation" leaves dropout out of the step as well. */
  readonly mode?: "train" | "evaluation";
  /** Of the step's products; the parameters, gradients and updates are float32 in each. */
  readonly precision?: Precision;
}

/**
 * A parameter that is frozen, or that the loss does not depend on, has no gradient, no slots and no update, weight decay
 * included, as PyTorch skips those whose `grad` is None.
 * Throws an Error that names what does not fit: a parameter of unknown size, a loss or metric that is no scalar, a rule
 * whose results have other shapes than its parameter; or if nothing is left to learn.
 */
export function planOf(traced: Traced): Plan {
  const {
    parameters,
    batch,
    loss,
    metrics = {},
    carried = {},
    rows = 1,
    optimizer,
    frozen = () => false,
    mode,
    precision,
  } = traced;
  for (const [name, x] of Object.entries({ loss, ...metrics })) checkScalar(name, x);
  const learned = gradientsOf(
    loss,
    [...parameters].filter(([name]) => !frozen(name)),
  );
  const { updates, updateFor } = collectUpdates(typeof optimizer === "function" ? optimizer : () => optimizer);
  const planned = [...parameters].map(([name, w]): PlannedParameter => {
    const dims = knownSizes(name, w);
    const gradient = learned.get(name);
    if (!gradient) return { name, dims };
    return { name, dims, update: updateFor(name, dims), ...(gradient.added && { byRows: true }) };
  });

  const left = Object.entries(carried).map(([name, { after }]) => [name, after] as const);
  const used = new Set(topologicalOrder([loss, ...Object.values(metrics), ...learned.values()]));
  const named = <T>(of: Iterable<readonly [string, T]>, name: (key: string) => string) =>
    Object.fromEntries([...of].map(([key, x]) => [name(key), x]));
  return {
    gradients: toOnnx(
      {
        ...named(
          [...parameters].filter(([, w]) => used.has(w)),
          names.parameter,
        ),
        ...named(Object.entries(batch), names.batch),
        ...named(
          Object.entries(carried).map(([name, { before }]) => [name, before] as const),
          names.batch,
        ),
      },
      {
        [names.loss]: loss,
        ...named(Object.entries(metrics), names.metric),
        ...Object.fromEntries([...learned].flatMap(([name, gradient]) => outputsOf(name, gradient))),
        ...named(left, names.carried),
      },
      { ...(mode && { mode }), ...(precision && { precision }) },
    ),
    parameters: planned,
    updates,
    metrics: Object.keys(metrics),
    carried: left.map(([name, { shape }]) => ({
      name,
      dims: shape.map((size) => (size === "batch" ? rows : Number(size))),
    })),
  };
}

function outputsOf(name: string, gradient: Float): readonly (readonly [name: string, x: Tensor])[] {
  const { added } = gradient;
  if (!added) return [[names.gradient(name), gradient]];
  return [
    [names.rows(name), added.rows],
    [names.ids(name), added.ids],
  ];
}

/** ∂loss/∂w for those parameters that the loss depends on. */
function gradientsOf(loss: Float, parameters: readonly (readonly [string, Tensor])[]): Map<string, Float> {
  const unused = new Set<Tensor>();
  const skip = (w: Float) => {
    unused.add(w);
    return w;
  };
  const grads = grad(
    loss,
    parameters.map(([, w]) => w as Float),
    { ifUnused: skip },
  );
  const learned = new Map(parameters.flatMap(([name, w], i) => (unused.has(w) ? [] : [[name, grads[i]!] as const])));
  if (learned.size === 0)
    throw new Error("plan: there is nothing to learn: every parameter is frozen, or the loss does not depend on it");
  return learned;
}

const bytesAsText = new TextDecoder("latin1"); // a letter of its own for each of the 256

/** The updates made so far, each once: parameters of equal rules share a kernel. */
function collectUpdates(optimizerOf: OptimizerOf) {
  const updates: Update[] = [];
  const byContent = new Map<string, number>();
  const byRule = new Map<Optimizer, Map<string, number>>();
  const updateFor = (name: string, dims: readonly number[]): number => {
    const rule = optimizerOf(name, dims);
    const byShape = byRule.get(rule) ?? new Map<string, number>();
    byRule.set(rule, byShape);
    const shape = dims.join();
    const known = byShape.get(shape) ?? add(updateOf(rule, name, dims));
    byShape.set(shape, known);
    return known;
  };
  const add = (update: Update): number => {
    const content = JSON.stringify(update, (_, x: unknown) =>
      x instanceof Uint8Array ? bytesAsText.decode(x) : typeof x === "number" ? String(x) : x,
    );
    const known = byContent.get(content) ?? updates.push(update) - 1;
    byContent.set(content, known);
    return known;
  };
  return { updates, updateFor };
}

function checkScalar(name: string, x: Float): void {
  if (x.shape.length !== 0) throw new Error(`plan: "${name}" must be a scalar, got ${show(x)}`);
}

function knownSizes(name: string, { dtype, shape }: Tensor): number[] {
  const sizes = shape.filter((d) => typeof d === "number");
  if (sizes.length === shape.length && dtype === "float32") return sizes;
  throw new Error(`plan: parameter ${name} is ${dtype}[${shape.join(", ")}]; it must be float32, its sizes numbers`);
}
