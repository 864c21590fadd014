/** A causal model as a stepwise decoder: rows of tokens in, the next token's logits out, with keys and values remembered. */

import { decoderInputs, forward, limitsOf, type Model, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { toOnnx } from "../onnx/lower.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { plus } from "../tensor/dims.ts";
import { rearrange, slice } from "../tensor/ops/index.ts";
import { type Float, input, type Value } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";
import { begin, type Decoding, type Read } from "./decoding.ts";

/** The numbers of a model's parameters, by path. Views are read at every step, so weights in training may be given. */
export type ModelWeights = ReadonlyMap<string, Float32Array>;

export interface Decoder extends AsyncDisposable {
  readonly vocabulary: number;
  /** How long a row may become. */
  readonly positions: number;
  /**
   * Read these rows of ids; shorter ones are padded on the left, which changes nothing. Throws a RangeError for no row,
   * an empty or too long one, or an id outside the vocabulary.
   */
  begin(rows: readonly (readonly number[])[]): Promise<Decoding>;
  close(): Promise<void>;
}

export interface DecoderOptions extends ProgramOptions {
  /** Weights become part of the program: faster, but it sees no later change of theirs. */
  readonly frozen?: boolean;
  /** False reads the whole text again for every token: slower, and the definition of what the cache must give. */
  readonly cache?: boolean;
}

export async function openDecoder(
  model: Model,
  { architecture, config }: ModelSpec,
  weights: ModelWeights,
  { frozen = false, cache = true, ...options }: DecoderOptions = {},
): Promise<Decoder> {
  const shape = cache ? architecture.cache?.(config) : undefined;
  const params = namedParams(model);
  const names = Array.from({ length: shape?.layers ?? 0 }, (_, i) => [`key.${i}`, `value.${i}`]).flat();
  const past = names.map(() => input(["past", "batch", shape!.heads, shape!.headSize]));
  const text = {
    input_ids: input(decoderInputs.input_ids.shape, "int64"),
    position_ids: input(decoderInputs.position_ids.shape, "int64"),
    attention_mask: input(["batch", shape ? plus("past", "time") : "time"], "int64"),
  };

  const before = past.map((x) => rearrange(x, "p b h d -> b h p d"));
  const remembered = names.flatMap((_, i) => (i % 2 === 0 ? [{ key: before[i]!, value: before[i + 1]! }] : []));
  const { result, taps } = trace(() =>
    forward(model, { ...text, logits_to_keep: 1, ...(shape && { past_key_values: remembered }) }),
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
  const initializers = new Map(frozen ? [...params].map(([name, p]) => [p, weights.get(name)!]) : []);
  const program = await openProgram(toOnnx(inputs, outputs, { mode: "evaluation", initializers }), options);
  const fixed: Record<string, Value> = {};
  if (!frozen)
    for (const [name, { shape }] of params) fixed[name] = { dtype: "float32", dims: shape, data: weights.get(name)! };

  const read: Read = async (fed, past) => {
    const out = (await program.run({ ...fixed, ...fed, ...named("past", past) })) as Record<string, Value<"float32">>;
    return { logits: out["logits"]!.data, fresh: names.map((name) => out[`fresh.${name}`]!) };
  };
  const limits = limitsOf({ architecture, config, rest: {} });
  return {
    ...limits,
    begin: (rows) => begin(rows, { ...limits, read, cache: shape }),
    close: program.close,
    [Symbol.asyncDispose]: program.close,
  };
}
