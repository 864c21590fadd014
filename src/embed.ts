/** Texts as vectors: an encoder's states, pooled (Reimers & Gurevych 2019, arXiv:1908.10084). */
import type { ModelFolder, SentenceSettings } from "./hub/index.ts";
import { forward, limitsOf } from "./models/index.ts";
import { clsPooling, maxPooling, meanPooling } from "./nn/index.ts";
import { compile, type Tree } from "./runtime/compile.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { type Float, input, trace, unitNormalize, type Value } from "./tensor/index.ts";
import type { Tokenizer } from "./tokenizers/index.ts";

const poolings = { mean: meanPooling, cls: clsPooling, max: maxPooling };

export interface EmbedOptions {
  /** Texts that are read together. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** A program that is made once, and serves texts of every length. */
export async function openEmbedder(
  { model, params, inputs: known, spec }: ModelFolder,
  weights: ReadonlyMap<string, Float32Array>,
  tokenizer: Tokenizer,
  { pooling, normalize, maxLength }: SentenceSettings,
  options: ProgramOptions,
) {
  const names = ["input_ids", "attention_mask", "token_type_ids"].filter((name) => Object.hasOwn(known, name));
  const fed = Object.fromEntries(names.map((name) => [name, input(["batch", "time"], "int64")]));
  const vectors = trace(() => {
    const { result, taps } = trace(() => forward(model, fed));
    const states = result["last_hidden_state"] ?? taps.findLast((tap) => tap.name === "hidden_states")?.value;
    if (!states)
      throw new Error(`${spec.architecture.spec.modelType}: it has no states of tokens that could be pooled`);
    const pooled = poolings[pooling](states as Float, fed["attention_mask"]);
    return normalize ? unitNormalize(pooled) : pooled; // [B, C]
  }).result;
  const program = await compile(
    { params: Object.fromEntries(params), inputs: fed } as Tree,
    { vectors },
    { ...options, mode: "evaluation" },
  );
  const fixed = Object.fromEntries(
    [...params].map(([name, { shape }]) => [name, { dtype: "float32", dims: shape, data: weights.get(name)! }]),
  );
  const longest = Math.min(maxLength ?? Number.POSITIVE_INFINITY, limitsOf(spec).positions);
  const truncation = Number.isFinite(longest) ? { maxLength: longest } : null;

  return {
    /** A vector for each text, in their order; texts of like lengths are read together. */
    async embed(texts: readonly string[], { batchSize = 32, signal }: EmbedOptions = {}): Promise<Float32Array[]> {
      const rows = texts.map((text) => tokenizer.encode(text, { truncation, padding: null }));
      const order = [...rows.keys()].sort((a, b) => rows[a]!.ids.length - rows[b]!.ids.length);
      const found: Float32Array[] = new Array(texts.length);
      for (let at = 0; at < order.length; at += batchSize) {
        signal?.throwIfAborted();
        const here = order.slice(at, at + batchSize);
        const T = Math.max(1, ...here.map((i) => rows[i]!.ids.length));
        const padded = (of: (i: number) => readonly number[]): Value => {
          const data = new BigInt64Array(here.length * T);
          here.forEach((i, row) => {
            data.set(BigInt64Array.from(of(i), BigInt), row * T);
          });
          return { dtype: "int64", dims: [here.length, T], data };
        };
        const all: Record<string, Value> = {
          input_ids: padded((i) => rows[i]!.ids),
          attention_mask: padded((i) => rows[i]!.attentionMask),
          token_type_ids: padded((i) => rows[i]!.typeIds),
        };
        const batch = Object.fromEntries(names.map((name) => [name, all[name]!]));
        const { vectors } = (await program({ params: fixed, inputs: batch } as never)) as { vectors: Value<"float32"> };
        const width = vectors.dims[1]!;
        for (const [row, i] of here.entries()) found[i] = vectors.data.slice(row * width, (row + 1) * width);
      }
      return found;
    },
    close: program.close,
  };
}
