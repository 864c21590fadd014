/**
 * GPT-3: GPT-2 with layers that see all tokens before a place and layers that see a band of them only, in turns (Child et
 * al. 2019, arXiv:1904.10509). Paper: Brown et al. 2020 (arXiv:2005.14165, §2.1). No checkpoint was published; the files'
 * names are GPT-2's.
 */

import * as nn from "../nn/index.ts";
import { architecture } from "./architecture.ts";
import { gptSynonyms } from "./causal.ts";
import { causalHeads } from "./causal-heads.ts";
import * as field from "./config.ts";
import { gptInputs } from "./double-heads.ts";
import { gpt2, gpt2Decoder, gpt2Fields } from "./gpt2.ts";
import { layerCount, layerTypes, windowsOf } from "./layer-types.ts";
import { keysAndValues } from "./memory.ts";

const fields = {
  ...gpt2Fields,
  n_positions: field.whole(2048),
  n_embd: field.whole(12288),
  n_layer: field.depth(96),
  n_head: field.whole(96),
  sliding_window: field.whole(256),
  layer_types: layerTypes((_, i) => i % 2 === 1, { layers: "n_layer" }),
};
export type Gpt3Config = field.ConfigOf<typeof fields>;

const windows = (c: Gpt3Config) => windowsOf(c, c.sliding_window);
const head = causalHeads({
  prefix: "transformer",
  decoder: (c: Gpt3Config) => gpt2Decoder(c, windows(c)),
  embedding: ({ wte }) => wte.weight,
  init: (c) => nn.normal(c.initializer_range),
  inputs: gptInputs,
});

export const gpt3 = architecture({
  spec: {
    modelType: "gpt3",
    fields,
    synonyms: gptSynonyms,
    contradiction: (c) => field.multipleOf("n_embd", "n_head")(c) ?? layerCount(c, c.n_layer),
  },
  heads: { GPT3LMHeadModel: head.causalLm() },
  fileNames: gpt2.fileNames,
  tiny: { ...gpt2.tiny, sliding_window: 3 },
  limits: { vocabulary: "vocab_size", positions: "n_positions" },
  cache: (c) =>
    keysAndValues({ layers: c.n_layer, heads: c.n_head, headSize: c.n_embd / c.n_head, windows: windows(c) }),
});
