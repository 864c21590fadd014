/**
 * Where in the model are we? A trace is one run of a model's functions that builds its graph. What belongs to that run
 * and not to the model lives here: the layer path, how often each place drew random numbers, the taps and the gates.
 */
import type { Shape } from "./dims.ts";
import type { Float, Tensor } from "./tensor.ts";

/** What a tapped value means, so that a page can draw it without knowing the model. */
export interface TapInfo {
  /** A name for each axis: ["batch", "head", "query", "key"]. */
  readonly axes?: readonly string[];
  readonly domain?: "probability" | "signed" | "positive";
}
export interface Tap extends TapInfo {
  /** The layer's path and the name given: "transformer.h.3.attn.attentions". */
  readonly path: string;
  readonly name: string;
  readonly value: Tensor;
}
export interface Gate {
  readonly path: string;
  readonly shape: Shape;
  readonly value: Float;
}

interface Trace {
  path: string;
  readonly calls: Map<string, number>;
  readonly taps: Tap[];
  /** Undefined: gates are left out of the graph. */
  readonly gates: Gate[] | undefined;
  /** Inside a scan: the number of the step, outermost scan first, so that each step draws numbers of its own. */
  steps: readonly Tensor<"int64">[];
}

const fresh = (gates: boolean): Trace => ({
  path: "",
  calls: new Map(),
  taps: [],
  gates: gates ? [] : undefined,
  steps: [],
});
let current: Trace | undefined;

/**
 * Run `build` as one trace: its result, the values it tapped, in the order they were made, and, with `gates: true`, the
 * inputs that scale what it gated. A trace inside a trace belongs to the outer one.
 */
export function trace<T>(
  build: () => T,
  { gates = false } = {},
): { readonly result: T; readonly taps: readonly Tap[]; readonly gates: readonly Gate[] } {
  if (current) return { result: build(), taps: current.taps, gates: current.gates ?? [] };
  const mine = fresh(gates);
  current = mine;
  try {
    return { result: build(), taps: mine.taps, gates: mine.gates ?? [] };
  } finally {
    current = undefined;
  }
}

/** The path of the layer that is being called, e.g. "transformer.h.0.attn"; "" outside of any. */
export const scope = (): string => current?.path ?? "";

/** Call `f` as the layer at `path`. */
export function within<T>(path: string, f: () => T): T {
  return trace(() => set("path", path, f)).result;
}

/** Call `f` as the body of a scan whose steps are numbered by `step`. */
export function atStep<T>(step: Tensor<"int64">, f: () => T): T {
  return trace(() => set("steps", [...(current?.steps ?? []), step], f)).result;
}

function set<K extends "path" | "steps", T>(key: K, value: Trace[K], f: () => T): T {
  const here = current!;
  const before = here[key];
  here[key] = value;
  try {
    return f();
  } finally {
    here[key] = before;
  }
}

/**
 * How often this was asked for at this path, in this trace: with the path, the identity of a random node. Outside of a
 * trace every call is the first.
 */
export function nextCall(): {
  readonly path: string;
  readonly index: number;
  readonly steps: readonly Tensor<"int64">[];
} {
  const path = scope();
  const index = current?.calls.get(path) ?? 0;
  current?.calls.set(path, index + 1);
  return { path, index, steps: current?.steps ?? [] };
}

/**
 * Name a value of the model, so that a probe can return it. Gives back `x`; costs nothing unless it is asked for. Tapped in
 * the step of a scan, it is the value of every step: its first axis is time.
 */
export function tap<T extends Tensor>(name: string, x: T, info: TapInfo = {}): T {
  current?.taps.push({ path: current.path ? `${current.path}.${name}` : name, name, value: x, ...info });
  return x;
}

/** Call `f` as a scan's step: what it taps is put among the trace's taps by `stack`, which knows the value of every step. */
export function tapSteps<T>(f: () => T): {
  readonly result: T;
  readonly values: readonly Tensor[];
  readonly stack: (of: (x: Tensor) => Tensor) => void;
} {
  const first = current?.taps.length ?? 0;
  const result = f();
  const made = current?.taps.splice(first) ?? [];
  return {
    result,
    values: made.map(({ value }) => value),
    stack(of) {
      for (const { axes, value, ...tap } of made)
        current!.taps.push({ ...tap, value: of(value), ...(axes && { axes: ["time", ...axes] }) });
    },
  };
}

/** An input of the program that `x` is to be scaled by, made by `input`; undefined where the trace has no gates. */
export function gateInput(name: string, shape: Shape, input: (shape: Shape) => Float): Float | undefined {
  if (!current?.gates || current.steps.length > 0) return undefined;
  const path = current.path ? `${current.path}.${name}` : name;
  const known = current.gates.find((gate) => gate.path === path);
  if (known) return known.value;
  const value = input(shape);
  current.gates.push({ path, shape, value });
  return value;
}
