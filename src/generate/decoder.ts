/** A causal model as a stepwise decoder: rows of tokens in, the next token's logits out, with keys and values remembered. */

import { decoderInputs, forward, type Model, type ModelSpec } from "../models/index.ts";
import { type KeyValue, namedParams } from "../nn/index.ts";
import { toOnnx } from "../onnx/lower.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { plus } from "../tensor/dims.ts";
import { type Float, input, type Tensor, type Value } from "../tensor/tensor.ts";
import { trace } from "../tensor/trace.ts";
import { begin, type Decoding, type Past, type Read } from "./decoding.ts";

/** The numbers of a model's parameters, by path. Views are read at every step, so weights in training may be given. */
export type ModelWeights = ReadonlyMap<string, Float32Array>;

export interface Decoder extends AsyncDisposable {
  readonly vocabulary: number;
  /** How long a row may become. */
  readonly positions: number;
  /** Read these rows of ids; shorter ones are padded on the left. Throws for an empty row or an id outside the vocabulary. */
  begin(rows: readonly (readonly number[])[]): Promise<Decoding>;
  close(): Promise<void>;
}

interface DecoderOptions extends ProgramOptions {
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
  const layers = Array.from({ length: shape?.layers ?? 0 }, (_, i) => i);
  const remembered = (): Float => input(["batch", shape!.heads, "past", shape!.headSize]);
  const past: KeyValue[] = layers.map(() => ({ key: remembered(), value: remembered() }));
  const text = {
    input_ids: input(decoderInputs.input_ids.shape, "int64"),
    position_ids: input(decoderInputs.position_ids.shape, "int64"),
    attention_mask: input(["batch", shape ? plus("past", "time") : "time"], "int64"),
  };

  const { result, taps } = trace(() =>
    forward(model, { ...text, logits_to_keep: 1, ...(shape && { past_key_values: past }) }),
  );
  const tapped = (name: string) => (shape ? taps.filter((tap) => tap.name === name).map(({ value }) => value) : []);
  const inputs = {
    ...text,
    ...numbered(
      "past.key",
      past.map(({ key }) => key),
    ),
    ...numbered(
      "past.value",
      past.map(({ value }) => value),
    ),
    ...(frozen ? {} : Object.fromEntries(params)),
  };
  const outputs = {
    logits: result["logits"]!,
    ...numbered("present.key", tapped("key")),
    ...numbered("present.value", tapped("value")),
  };
  const initializers = new Map(frozen ? [...params].map(([name, p]) => [p, weights.get(name)!]) : []);
  const program = await openProgram(toOnnx(inputs, outputs, { mode: "evaluation", initializers }), options);
  const fixed: Record<string, Value> = {};
  if (!frozen)
    for (const [name, { shape }] of params) fixed[name] = { dtype: "float32", dims: shape, data: weights.get(name)! };

  const read: Read = async (fed, before) => {
    const feeds: Record<string, Value> = { ...fixed, ...fed };
    before.forEach(({ key, value }, i) => {
      feeds[`past.key.${i}`] = key;
      feeds[`past.value.${i}`] = value;
    });
    const out = (await program.run(feeds)) as Record<string, Value<"float32">>;
    const present = layers.map((i): Past => ({ key: out[`present.key.${i}`]!, value: out[`present.value.${i}`]! }));
    return { logits: out["logits"]!.data, past: present };
  };
  const limits = architecture.limits(config);
  return {
    ...limits,
    begin: (rows) => begin(rows, { ...limits, read, cache: shape }),
    close: program.close,
    [Symbol.asyncDispose]: program.close,
  };
}

const numbered = (name: string, values: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(values.map((x, i) => [`${name}.${i}`, x]));
