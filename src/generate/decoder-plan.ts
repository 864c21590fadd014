/** The decoding step of a causal model as plain data: what the caller traces and a worker may run. */
import { type CacheShape, decoderInputs, forward, limitsOf, type Model, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { type OnnxProgram, toOnnx } from "../onnx/lower.ts";
import { plus } from "../tensor/dims.ts";
import { rearrange, slice } from "../tensor/ops/index.ts";
import { type Float, input } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";

/** The numbers of a model's parameters, by path. Views are read at every step, so weights in training may be given. */
export type ModelWeights = ReadonlyMap<string, Float32Array>;

export interface DecoderPlan {
  /** (text, past, parameters) → (logits, fresh keys and values). */
  readonly program: OnnxProgram;
  /** Parameters that the program takes as inputs, with their sizes; none where they are part of it. */
  readonly parameters: readonly { readonly name: string; readonly dims: readonly number[] }[];
  readonly cache: CacheShape | undefined;
  /** What is remembered: "key.0", "value.0", "key.1" … */
  readonly remembered: readonly string[];
  readonly vocabulary: number;
  readonly positions: number;
}

interface PlanOptions {
  /** These become part of the program: faster, but it sees no later change of theirs. */
  readonly frozen?: ModelWeights | undefined;
  /** False reads the whole text again for every token: slower, and the definition of what the cache must give. */
  readonly cache?: boolean;
}

export function planDecoder(model: Model, spec: ModelSpec, { frozen, cache = true }: PlanOptions = {}): DecoderPlan {
  const shape = cache ? spec.architecture.cache?.(spec.config) : undefined;
  const params = namedParams(model);
  const names = Array.from({ length: shape?.layers ?? 0 }, (_, i) => [`key.${i}`, `value.${i}`]).flat();
  const past = names.map(() => input(["past", "batch", shape!.heads, shape!.headSize]));
  const text = {
    input_ids: input(decoderInputs.input_ids.shape, "int64"),
    position_ids: input(decoderInputs.position_ids.shape, "int64"),
    attention_mask: input(["batch", shape ? plus("past", "time") : "time"], "int64"),
  };

  const before = past.map((x) => rearrange(x, "p b h d -> b h p d"));
  const pairs = names.flatMap((_, i) => (i % 2 === 0 ? [{ key: before[i]!, value: before[i + 1]! }] : []));
  const { result, taps } = trace(() =>
    forward(model, { ...text, logits_to_keep: 1, ...(shape && { past_key_values: pairs }) }),
  );
  const fresh = names.map((name) => {
    const [kind, layer] = name.split(".");
    const all = taps.filter((tap) => tap.name === kind)[Number(layer)]!.value as Float; // [B, H, past + T, D]
    return rearrange(slice(all, 2, "past", plus("past", "time")), "b h t d -> t b h d");
  });
  const named = <T>(when: string, tensors: readonly T[]) =>
    Object.fromEntries(names.map((name, i) => [`${when}.${name}`, tensors[i]!]));
  const inputs = { ...text, ...named("past", past), ...(frozen ? {} : Object.fromEntries(params)) };
  const outputs = { logits: result["logits"]!, ...named("fresh", fresh) };
  const initializers = new Map(frozen ? [...params].map(([name, p]) => [p, frozen.get(name)!]) : []);
  return {
    program: toOnnx(inputs, outputs, { mode: "evaluation", initializers }),
    parameters: frozen ? [] : [...params].map(([name, { shape }]) => ({ name, dims: shape })),
    cache: shape,
    remembered: names,
    ...limitsOf(spec),
  };
}
