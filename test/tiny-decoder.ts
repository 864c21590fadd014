/** For tests of generation: a tiny GPT-2 under drawn weights, and a decoder whose logits are a function of the text. */
import type { Decoder, ModelWeights } from "../src/generate/index.ts";
import { build, gpt2 } from "../src/models/index.ts";
import { fillInitial, namedParams } from "../src/nn/index.ts";
import { fillNormal, keyOf } from "../src/random.ts";
import { count } from "../src/tensor/dtype.ts";

/** As a model begins, but with larger matrices, so that what it says depends on all that it reads. */
export function tinyGpt2(config: Readonly<Record<string, unknown>> = {}) {
  const spec = gpt2({ ...gpt2.tiny, ...config });
  const model = build(spec, "GPT2LMHeadModel");
  const weights: ModelWeights = new Map(
    [...namedParams(model)].map(([name, { shape, init }]) => {
      const view = new Float32Array(count(shape));
      if (shape.length > 1) fillNormal(view, keyOf(1, name), { std: 0.6 });
      else fillInitial(view, init, keyOf(1, name));
      return [name, view];
    }),
  );
  return { spec, model, weights };
}

interface Script {
  readonly vocabulary: number;
  readonly positions?: number;
  /** Of the token behind these, which are what the model sees of a row. */
  readonly logits: (ids: readonly number[]) => ArrayLike<number>;
}

/** A decoder without a model. `reads` counts how often rows were read from their beginning. */
export function scripted({ vocabulary, positions = Number.POSITIVE_INFINITY, logits }: Script) {
  const decoder: Decoder & { reads: number } = {
    vocabulary,
    positions,
    reads: 0,
    async begin(prompts) {
      decoder.reads++;
      let rows = prompts.map((row) => [...row]);
      return {
        get logits() {
          return Float32Array.from(rows.flatMap((row) => [...Array.from(logits(row))]));
        },
        get length() {
          return Math.max(...rows.map((row) => row.length));
        },
        taps: {},
        async step(tokens) {
          rows = rows.map((row, r) => [...row, tokens[r]!]);
        },
        reorder(kept) {
          rows = kept.map((r) => [...rows[r]!]);
        },
      };
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  return decoder;
}

/** Logits that leave no choice but `id`. */
export const only = (vocabulary: number, id: number): number[] =>
  Array.from({ length: vocabulary }, (_, i) => (i === id ? 9 : 0));
