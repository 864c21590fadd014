/**
 * GPT: the first decoder trained on text and then on tasks; norms stand behind each half of a block.
 * Paper: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training". Checkpoint: `openai-community/openai-gpt`.
 */
import * as nn from "../nn/index.ts";
import { add, chunk, type Float, iota, plus, rearrange, sizes, tap } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { gptSynonyms } from "./causal.ts";
import { causalHeads, headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
import { doubleHeads, type GptInputs, gptInputs, summaryFields } from "./double-heads.ts";
import { keysAndValues } from "./memory.ts";

/** What `afn` means: this model's "gelu" is the tanh form. */
const functions = {
  gelu: nn.activations.gelu_new,
  relu: nn.activations.relu,
  silu: nn.activations.silu,
  swish: nn.activations.silu,
};

const fields = {
  vocab_size: field.whole(40478),
  n_positions: field.whole(512),
  n_embd: field.whole(768),
  n_layer: field.depth(12),
  n_head: field.whole(12),
  afn: field.oneOf(Object.keys(functions) as (keyof typeof functions)[], "gelu"),
  layer_norm_epsilon: field.positive(1e-5),
  embd_pdrop: field.rate(0.1),
  attn_pdrop: field.rate(0.1),
  resid_pdrop: field.rate(0.1),
  initializer_range: field.initialStd(0.02, "n_embd", 768),
  ...headFields,
  tie_word_embeddings: field.flag(true),
  ...summaryFields,
};
export type OpenAiGptConfig = field.ConfigOf<typeof fields>;

const attention = (c: OpenAiGptConfig) => {
  const { n_embd: C, n_head: h } = c;
  const attend = nn.scaledDotProduct({ dropout: nn.dropout(c.attn_pdrop) });
  const parts = {
    c_attn: nn.conv1d(C, 3 * C, small(c)),
    c_proj: nn.conv1d(C, C, small(c)),
    drop: nn.dropout(c.resid_pdrop),
  };
  return nn.layer(parts, ({ c_attn, c_proj, drop }, x: Float, mask: Float, past?: nn.KeyValue) => {
    const [q, k, v] = chunk(c_attn(x), 3, 2).map((each) => rearrange(each, "b t (h d) -> b h t d", { h }));
    const y = attend(q!, ...nn.remember(past, k!, v!), mask); // [B, H, T, D]
    return drop(c_proj(rearrange(nn.gate("heads", y, [h, 1, 1]), "b h t d -> b t (h d)")));
  });
};

const mlp = (c: OpenAiGptConfig) => {
  const C = c.n_embd;
  const parts = {
    c_fc: nn.conv1d(C, 4 * C, small(c)),
    c_proj: nn.conv1d(4 * C, C, small(c)),
    drop: nn.dropout(c.resid_pdrop),
  };
  return nn.layer(parts, ({ c_fc, c_proj, drop }, x: Float) => drop(c_proj(functions[c.afn](c_fc(x)))));
};

const block = (c: OpenAiGptConfig) =>
  nn.layer(
    { attn: attention(c), ln_1: norm(c), mlp: mlp(c), ln_2: norm(c) },
    ({ attn, ln_1, mlp, ln_2 }, x: Float, mask: Float, past?: nn.KeyValue) => {
      x = ln_1(add(x, nn.gate("attention", attn(x, mask, past), [])));
      return ln_2(add(x, nn.gate("feed_forward", mlp(x), [])));
    },
  );

const transformer = (c: OpenAiGptConfig) => {
  const parts = {
    tokens_embed: nn.embedding(c.vocab_size, c.n_embd, small(c)),
    positions_embed: nn.embedding(c.n_positions, c.n_embd, small(c)),
    drop: nn.dropout(c.embd_pdrop),
    h: Array.from({ length: c.n_layer }, () => block(c)),
  };
  return nn.layer(parts, ({ tokens_embed, positions_embed, drop, h }, inputs: GptInputs) => {
    const { input_ids, token_type_ids, attention_mask, position_ids, past_key_values: past } = inputs;
    const [, T] = sizes(input_ids, "B T");
    const before = past?.[0]?.key.shape[2] ?? 0;
    const mask = nn.causalPaddingMask(T, plus(before, T), attention_mask);
    const placed = add(tokens_embed(input_ids), positions_embed(position_ids ?? iota(plus(before, T), before)));
    let x = drop(token_type_ids ? add(placed, tokens_embed(token_type_ids)) : placed); // [B, T, C]
    for (const [i, block] of h.entries()) x = block(tap("hidden_states", x), mask, past?.[i]);
    return tap("hidden_states", x);
  });
};

const norm = (c: OpenAiGptConfig) => nn.layerNorm(c.n_embd, { eps: c.layer_norm_epsilon });
const small = (c: OpenAiGptConfig) => ({ init: nn.normal(c.initializer_range) });
const body = {
  prefix: "transformer",
  decoder: transformer,
  embedding: ({ tokens_embed }: ReturnType<typeof transformer>) => tokens_embed.weight,
  init: (c: OpenAiGptConfig) => small(c).init,
  inputs: gptInputs,
};
const head = causalHeads(body);

export const openAiGpt = architecture({
  spec: { modelType: "openai-gpt", fields, synonyms: gptSynonyms, contradiction: field.multipleOf("n_embd", "n_head") },
  heads: {
    OpenAIGPTLMHeadModel: head.causalLm(),
    OpenAIGPTDoubleHeadsModel: doubleHeads(body),
    OpenAIGPTForSequenceClassification: head.sequence(),
    OpenAIGPTModel: head.states(),
  },
  fileNames: {
    prefixes: ["transformer"],
    buffers: [/\.attn\.(masked_)?bias$/, /\.position_ids$/],
    tied: { "lm_head.weight": "transformer.tokens_embed.weight" },
  },
  tiny: { vocab_size: 23, pad_token_id: 0, n_positions: 16, n_embd: 12, n_layer: 2, n_head: 3 },
  limits: { vocabulary: "vocab_size", positions: "n_positions" },
  cache: (c) => keysAndValues({ layers: c.n_layer, heads: c.n_head, headSize: c.n_embd / c.n_head }),
});
