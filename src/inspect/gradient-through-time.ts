/**
 * How much of a gradient is left after so many steps back: |∂h_T/∂s_t|, the last layer's hidden state by the state that the
 * model was in n = T − t steps before (Hochreiter 1991; Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, §2). A model
 * whose measure falls to nothing within n steps cannot learn, by gradients, what lies further back than that.
 */
import { forward, leftBy, type Model, type ModelSpec, remembered } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { toOnnx } from "../onnx/lower.ts";
import { fillNormal, keyOf } from "../random.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { type Float, grad, input, mul, sum, type Tensor, trace, type Value, zerosLike } from "../tensor/index.ts";

export interface GradientThroughTime {
  /** n: how many steps lie between the state and the end. */
  readonly steps: readonly number[];
  /**
   * ‖∂h_T/∂s_t‖_F / √H, over all that the state holds: 1 where one step hands on what it was given. The mean over rows is
   * that of squares.
   */
  readonly norms: readonly number[];
  /** The same by part of the state: "state.0.hidden", "state.0.cell" … */
  readonly parts: Readonly<Record<string, readonly number[]>>;
}

interface Options extends ProgramOptions {
  /** Which n; 1, 2, 4 … up to the text's length unless given. */
  readonly steps?: readonly number[];
  /** Random directions that the norm is estimated with, for each row. */
  readonly probes?: number;
  readonly seed?: number;
}

/**
 * Over rows of ids of one length T, under weights by parameter name. Exact in each random direction v: the gradient of
 * v · h_T, whose mean square is ‖∂h_T/∂s_t‖²_F. Throws a TypeError for a model that keeps no state, and a RangeError for
 * rows of different lengths or an n outside 1 … T.
 */
export async function gradientThroughTime(
  model: Model,
  spec: ModelSpec,
  weights: ReadonlyMap<string, Float32Array>,
  rows: readonly (readonly number[])[],
  { steps, probes = 4, seed = 0, ...options }: Options = {},
): Promise<GradientThroughTime> {
  const T = rows[0]?.length ?? 0;
  if (T === 0 || rows.some((row) => row.length !== T))
    throw new RangeError(
      `gradient through time: rows must be of one length ≥ 1, got ${rows.map((row) => row.length).join(", ")}`,
    );
  const wanted = steps ?? doubling(T);
  const wrong = wanted.find((n) => !(Number.isInteger(n) && n >= 1 && n <= T));
  if (wrong !== undefined) throw new RangeError(`gradient through time: ${wrong} steps back in rows of ${T} tokens`);

  const { states, hidden, inputs, outputs } = traceStates(model, spec);
  await using program = await openProgram(toOnnx(inputs, outputs, { mode: "evaluation" }), options);
  const B = rows.length;
  const of = (size: number) => ({ dtype: "float32", dims: [B, size], data: new Float32Array(B * size) }) as const;
  const fixed: Record<string, Value> = {};
  for (const [name, { shape }] of namedParams(model))
    if (inputs[name]) fixed[name] = { dtype: "float32", dims: shape, data: weights.get(name)! };
  const run = (from: number, to: number, start: Readonly<Record<string, Value>>, direction: Value) => {
    const ids = BigInt64Array.from(rows.flatMap((row) => row.slice(from, to).map(BigInt)));
    return program.run({ ids: { dtype: "int64", dims: [B, to - from], data: ids }, ...start, direction, ...fixed });
  };
  const zeros = Object.fromEntries([...states].map(([name, size]) => [name, of(size)]));

  const parts = Object.fromEntries([...states.keys()].map((name) => [name, [] as number[]]));
  for (const n of wanted) {
    const left = n < T ? await run(0, T - n, zeros, of(hidden)) : undefined;
    const start = left ? Object.fromEntries([...states.keys()].map((name) => [name, left[`after/${name}`]!])) : zeros;
    const squares = Object.fromEntries([...states.keys()].map((name) => [name, 0]));
    for (let probe = 0; probe < probes; probe++) {
      const direction = of(hidden);
      fillNormal(direction.data, keyOf(seed, "gradient through time", probe));
      const got = await run(T - n, T, start, direction);
      for (const name of states.keys())
        squares[name]! += (got[`gradient/${name}`]!.data as Float32Array).reduce((sum, x) => sum + x * x, 0);
    }
    for (const name of states.keys()) parts[name]!.push(Math.sqrt(squares[name]! / (probes * B * hidden)));
  }
  const norms = wanted.map((_, i) => Math.hypot(...Object.values(parts).map((part) => part[i]!)));
  return { steps: wanted, norms, parts };
}

/** (ids, states, direction, parameters) → the states behind the ids, and the gradients of direction · the last hidden one. */
function traceStates(model: Model, spec: ModelSpec) {
  const { architecture, config } = spec;
  const cache = Object.entries((architecture.reading ?? architecture.cache)?.(config) ?? {});
  if (cache.length === 0 || cache.some(([, { kind, shape }]) => kind !== "state" || typeof shape[1] !== "number"))
    throw new TypeError(
      architecture.reading
        ? `${architecture.spec.modelType}: its encoder reads both ways, so no state stands for what was read; train with bidirectional=false`
        : `${architecture.spec.modelType}: it keeps no state from step to step, so there is no gradient through time`,
    );
  const before = Object.fromEntries(cache.map(([name, { shape }]) => [name, input(shape)]));
  const ids = input(["batch", "time"], "int64");
  const written = architecture.source && { decoder_input_ids: ids }; // whose part of the graph is left out
  const { result, taps } = trace(() => forward(model, { input_ids: ids, ...written, ...remembered(before) }));
  const after = Object.fromEntries(cache.map(([name, { left }]) => [name, leftBy(left ?? name, result, taps)]));
  const top = cache.findLast(([name]) => name.endsWith("hidden"))![0]; // of the last layer
  const direction = input(after[top]!.shape);
  const gradients = grad(sum(mul(direction, after[top]!)), Object.values(before), { ifUnused: zerosLike });
  const outputs: Record<string, Float> = {};
  for (const [i, [name]] of cache.entries()) {
    outputs[`after/${name}`] = after[name]!;
    outputs[`gradient/${name}`] = gradients[i]!;
  }
  const used = new Set(topologicalOrder(Object.values(outputs)));
  const params = [...namedParams(model)].filter(([, x]) => used.has(x));
  return {
    states: new Map(cache.map(([name, { shape }]) => [name, shape[1] as number])),
    hidden: after[top]!.shape[1] as number,
    inputs: { ids, direction, ...before, ...Object.fromEntries(params) } as Readonly<Record<string, Tensor>>,
    outputs,
  };
}

/** 1, 2, 4 … and T itself. */
const doubling = (T: number): number[] => {
  const steps: number[] = [];
  for (let n = 1; n < T; n *= 2) steps.push(n);
  return [...steps, T];
};
