/**
 * GPT-2: a decoder-only Transformer with pre-layer-norm blocks and learned positions.
 * Paper: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Checkpoint: Hugging Face's `gpt2`.
 */
import * as nn from "../nn/index.ts";
import { add, chunk, type Float, iota, plus, rearrange, sizes, tap } from "../tensor/index.ts";
import { architecture } from "./architecture.ts";
import { gptSynonyms } from "./causal.ts";
import { causalHeads, headFields } from "./causal-heads.ts";
import * as field from "./config.ts";
import { doubleHeads, type GptInputs, gptInputs, summaryFields } from "./double-heads.ts";
import { keysAndValues } from "./memory.ts";

const fields = {
  ...{ vocab_size: field.whole(50257), n_positions: field.whole(1024), n_embd: field.whole(768) },
  ...{ n_layer: field.depth(12), n_head: field.whole(12), n_inner: field.optionalWhole() },
  ...{ activation_function: field.oneOf(nn.activationNames, "gelu_new"), layer_norm_epsilon: field.positive(1e-5) },
  ...{ embd_pdrop: field.rate(0.1), attn_pdrop: field.rate(0.1), resid_pdrop: field.rate(0.1) },
  initializer_range: field.initialStd(0.02, "n_embd", 768),
  ...{ scale_attn_weights: field.flag(true), scale_attn_by_inverse_layer_idx: field.flag(false) },
  ...{ add_cross_attention: field.only(false), classifier_dropout: field.optionalRate() },
  ...{ ...headFields, tie_word_embeddings: field.flag(true), ...summaryFields },
};

export { fields as gpt2Fields };
export type Gpt2Config = field.ConfigOf<typeof fields>;

const attention = (c: Gpt2Config, index: number) => {
  const { n_embd: C, n_head: h } = c;
  const scale = (c.scale_attn_weights ? (C / h) ** -0.5 : 1) / (c.scale_attn_by_inverse_layer_idx ? index + 1 : 1);
  const drop = nn.dropout(c.attn_pdrop);
  const parts = { c_attn: nn.conv1d(C, 3 * C, small(c)), c_proj: nn.conv1d(C, C, residual(c)), drop };
  return nn.layer(parts, ({ c_attn, c_proj }, x: Float, mask: Float, past?: nn.KeyValue) => {
    const [q, k, v] = chunk(c_attn(x), 3, 2).map((each) => rearrange(each, "b t (h d) -> b h t d", { h }));
    const y = nn.scaledDotProduct({ scale, dropout: drop })(q!, ...nn.remember(past, k!, v!), mask); // [B, H, T, D]
    return c_proj(rearrange(nn.gate("heads", y, [h, 1, 1]), "b h t d -> b t (h d)"));
  });
};

const mlp = (c: Gpt2Config, inner = c.n_inner ?? 4 * c.n_embd) =>
  nn.layer(
    { c_fc: nn.conv1d(c.n_embd, inner, small(c)), c_proj: nn.conv1d(inner, c.n_embd, residual(c)) },
    ({ c_fc, c_proj }, x: Float) => c_proj(nn.activations[c.activation_function](c_fc(x))),
  );

const block = (c: Gpt2Config, index: number) =>
  nn.layer(
    { ln_1: norm(c), attn: attention(c, index), ln_2: norm(c), mlp: mlp(c), drop: nn.dropout(c.resid_pdrop) },
    ({ ln_1, attn, ln_2, mlp, drop }, x: Float, mask: Float, past?: nn.KeyValue) => {
      x = add(x, nn.gate("attention", drop(attn(ln_1(x), mask, past)), []));
      return add(x, nn.gate("feed_forward", drop(mlp(ln_2(x))), []));
    },
  );

/** `windows`: how many keys the queries of each layer see; null, or none given: all before them. */
export const gpt2Decoder = (c: Gpt2Config, windows: readonly (number | null)[] = []) => {
  const [wte, wpe] = [c.vocab_size, c.n_positions].map((count) => nn.embedding(count, c.n_embd, small(c)));
  const h = Array.from({ length: c.n_layer }, (_, i) => block(c, i));
  const parts = { wte: wte!, wpe: wpe!, drop: nn.dropout(c.embd_pdrop), h, ln_f: norm(c) };
  return nn.layer(parts, ({ wte, wpe, drop, h, ln_f }, inputs: GptInputs) => {
    const { input_ids, token_type_ids, attention_mask, position_ids, past_key_values: past } = inputs;
    const [, T] = sizes(input_ids, "B T");
    const before = (layer: number) => past?.[layer]?.key.shape[2] ?? 0;
    const keys = (layer: number) => plus(before(layer), T);
    const masks = nn.causalMasks(windows, T, keys, attention_mask, past ? undefined : position_ids);
    const placed = add(wte(input_ids), wpe(position_ids ?? iota(keys(0), before(0))));
    let x = drop(token_type_ids ? add(placed, wte(token_type_ids)) : placed); // [B, T, C]
    for (const [i, block] of h.entries()) x = block(tap("hidden_states", x), masks(i), past?.[i]);
    return tap("hidden_states", ln_f(x));
  });
};

const norm = (c: Gpt2Config) => nn.layerNorm(c.n_embd, { eps: c.layer_norm_epsilon });
const small = (c: Gpt2Config) => ({ init: nn.normal(c.initializer_range) });
/** Projections into the residual stream start smaller, by 1/√(2·layers) (GPT-2 paper, §2.3). */
const residual = (c: Gpt2Config) => ({ init: nn.normal(c.initializer_range / Math.sqrt(2 * c.n_layer)) });

const embedding = ({ wte }: ReturnType<typeof gpt2Decoder>) => wte.weight;
const body = { prefix: "transformer", decoder: gpt2Decoder, embedding, init: (c: Gpt2Config) => small(c).init };
const head = causalHeads({ ...body, inputs: gptInputs });

export const gpt2 = architecture({
  spec: { modelType: "gpt2", fields, synonyms: gptSynonyms, contradiction: field.multipleOf("n_embd", "n_head") },
  heads: {
    GPT2LMHeadModel: head.causalLm(),
    GPT2DoubleHeadsModel: doubleHeads(body),
    GPT2ForSequenceClassification: head.sequence(),
    GPT2ForTokenClassification: head.tokens({ name: "classifier", dropout: (c) => c.classifier_dropout ?? 0.1 }),
    GPT2ForQuestionAnswering: head.answers(),
    GPT2Model: head.states(),
  },
  fileNames: {
    prefixes: ["transformer"],
    buffers: [/\.attn\.(masked_)?bias$/],
    tied: { "lm_head.weight": "transformer.wte.weight" },
  },
  tiny: { vocab_size: 23, pad_token_id: 0, n_positions: 16, n_embd: 12, n_layer: 2, n_head: 3 },
  limits: { vocabulary: "vocab_size", positions: "n_positions" },
  cache: (c) => keysAndValues({ layers: c.n_layer, heads: c.n_head, headSize: c.n_embd / c.n_head }),
});
