/** A model of one's own, a layer with named inputs, wherever an architecture's is asked for. */
import { type Architecture, decoderInputs, type InputSpec, type Model, type ModelSpec } from "./architecture.ts";
import type { Cache } from "./memory.ts";

interface CustomOptions {
  /** What `config.json` calls it. */
  readonly name?: string;
  /** The task that it is trained on. */
  readonly task?: string;
  readonly inputs?: Readonly<Record<string, InputSpec>>;
  /** What it remembers between calls when it generates. */
  readonly cache?: Cache;
  /** What an encoder-decoder reads before its first token. */
  readonly source?: Readonly<Record<string, InputSpec>>;
}

/**
 * `train({ model: customModel(layer({ … }, (parts, { input_ids }) => ({ logits }))), … })`: it is trained and saved as
 * any other; only its code can load it again.
 */
export function customModel(
  model: Model,
  { name = "custom", task = "language-modeling", inputs = decoderInputs, cache, source }: CustomOptions = {},
): ModelSpec {
  const architecture: Architecture = {
    spec: { modelType: name, fields: {} },
    heads: { Custom: { build: () => model, task, inputs: () => inputs } },
    fileNames: { prefixes: [], buffers: [], tied: {} },
    inTransformers: false,
    tiny: {},
    limits: {},
    ...(cache && { cache: () => cache }),
    ...(source && { source }),
  };
  return { architecture, config: {}, rest: {} };
}
