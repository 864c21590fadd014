/** The decoding step of a model as plain data: what the caller traces and a worker may run. */
import {
  type Cache,
  forward,
  type InputSpec,
  leftBy,
  limitsOf,
  type Memory,
  type Model,
  type ModelSpec,
  remembered,
} from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { type OnnxProgram, toOnnx } from "../onnx/lower.ts";
import { minus, plus } from "../tensor/dims.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { slice } from "../tensor/ops/index.ts";
import { type Float, input, sizes, type Tensor } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";
import { byReach, fresh, freshSlots, pastOf, slotted } from "./slots.ts";

/** The numbers of a model's parameters, by path. Views are read at every step, so weights in training may be given. */
export type ModelWeights = ReadonlyMap<string, Float32Array>;

/** What the program calls a tapped value, before its name and its number. */
export const TAP = "tap.";

export interface DecoderPlan {
  /** (source) → what is remembered of it. Undefined: there is none, or nothing of it is remembered. */
  readonly encoder: OnnxProgram | undefined;
  /** (text, memory, source) → (logits of each row's next token, what the memory becomes, taps). */
  readonly program: OnnxProgram;
  /** Parameters that the programs take as inputs, with their sizes; none where they are part of them. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly cache: Cache;
  /** An encoder-decoder's inputs that are read once. */
  readonly source: Readonly<Record<string, InputSpec>> | undefined;
  readonly vocabulary: number;
  readonly positions: number;
}

interface PlanOptions {
  /** These become part of the programs: faster, but they see no later change of theirs. */
  readonly frozen?: ModelWeights | undefined;
  /** False reads the whole text again for every token: slower, and the definition of what the cache must give. */
  readonly cache?: boolean;
  /** Values that the model taps under these names, to be given at every step. */
  readonly taps?: readonly string[];
}

/** Throws an Error where a model does not leave what it says that it remembers. */
export function planDecoder(
  model: Model,
  spec: ModelSpec,
  { frozen, cache = true, taps = [] }: PlanOptions = {},
): DecoderPlan {
  const { source } = spec.architecture;
  const memory = (cache && spec.architecture.cache?.(spec.config)) || {};
  const given = Object.fromEntries(Object.entries(source ?? {}).map(([name, of]) => [name, input(of.shape, of.dtype)]));
  const params = namedParams(model);
  const initializers = new Map(frozen ? [...params].map(([name, p]) => [p, frozen.get(name)!]) : []);
  const program = (
    inputs: Readonly<Record<string, Tensor>>,
    outputs: Readonly<Record<string, Tensor>>,
  ): OnnxProgram => {
    const used = new Set(topologicalOrder(Object.values(outputs)));
    const fed = Object.entries({ ...inputs, ...(frozen ? {} : Object.fromEntries(params)) });
    return toOnnx(Object.fromEntries(fed.filter(([, x]) => used.has(x))), outputs, {
      mode: "evaluation",
      initializers,
    });
  };
  const step = traceStep(model, given, memory, taps);
  return {
    encoder: source && traceEncoder(model, given, memory, program),
    program: program(step.inputs, step.outputs),
    parameters: frozen ? {} : Object.fromEntries([...params].map(([name, { shape }]) => [name, shape])),
    cache: memory,
    source,
    ...limitsOf(spec),
    vocabulary: step.vocabulary,
  };
}

type Sources = Readonly<Record<string, Tensor>>;

/** A decoder's own inputs; its mask covers the tokens of which it reads what it remembers, too. */
function textInputs(source: Sources, cache: Cache): Record<string, Tensor> {
  const of = Object.keys(source).length > 0 ? "decoder_" : "";
  const reaches = [...byReach(cache).keys()];
  return {
    [`${of}input_ids`]: input(["batch", "time"], "int64"),
    [`${of}position_ids`]: input(["batch", "time"], "int64"),
    [`${of}attention_mask`]: input(
      ["batch", reaches.length > 0 ? plus(pastOf(Math.max(...reaches)), "time") : "time"],
      "int64",
    ),
  };
}

function traceStep(model: Model, source: Sources, cache: Cache, asked: readonly string[]) {
  const text = textInputs(source, cache);
  const { inputs: stored, entries } = slotted(cache);
  const { result, taps } = trace(() =>
    forward(model, { ...source, ...text, logits_to_keep: 1, ...remembered(entries) }),
  );
  const logits = lastOf(result["logits"]!);
  const outputs: Record<string, Tensor> = { logits };
  for (const [name, memory] of Object.entries(cache)) {
    if (memory.kind === "source") continue;
    const left = leftBy(memory.left ?? name, result, taps);
    outputs[fresh(name)] = memory.kind === "growing" ? freshSlots(left, memory.shape) : left;
  }
  for (const name of asked)
    for (const [i, { value }] of taps.filter((tap) => tap.name === name).entries())
      outputs[`${TAP}${name}.${i}`] = value;
  return { inputs: { ...source, ...text, ...stored }, outputs, vocabulary: logits.shape.at(-1) as number };
}

/** What the source leaves: its own entries, and the states that begin with it. Only the encoder's part of a full call. */
function traceEncoder(
  model: Model,
  source: Sources,
  cache: Cache,
  program: (inputs: Sources, outputs: Sources) => OnnxProgram,
) {
  const { result, taps } = trace(() => forward(model, { ...source, ...textInputs(source, {}) }));
  const outputs = Object.fromEntries(
    Object.entries(cache).flatMap(([name, memory]) => {
      const from = leftByEncoder(name, memory);
      return from === undefined ? [] : [[fresh(name), leftBy(from, result, taps)]];
    }),
  );
  return Object.keys(outputs).length > 0 ? program(source, outputs) : undefined;
}

const leftByEncoder = (name: string, { kind, left, first }: Memory): string | undefined =>
  kind === "source" ? (left ?? name) : typeof first === "string" ? first : undefined;

/** [B, T, V] → those of the last position. */
function lastOf(logits: Float): Float {
  const [, T] = sizes(logits, "B T V");
  return T === 1 ? logits : slice(logits, 1, minus(T, 1), T);
}
