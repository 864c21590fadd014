/**
 * ModernBERT's encoder: pre-layer-norm blocks without biases, rotary positions, gated feed-forward, and two of three
 * layers that see a window only (Warner et al. 2024, arXiv:2412.13663, §2.1).
 */
import * as nn from "../nn/index.ts";
import { add, chunk, type Float, layerNormalize, mul, rearrange, sizes, tap, zeros } from "../tensor/index.ts";
import * as field from "./config.ts";
import * as encoder from "./encoder.ts";
import { layerTypes } from "./layer-types.ts";
import { labelFields } from "./losses.ts";
import { ropeByLayerType, ropeOf } from "./rope.ts";

export const modernBertFields = {
  vocab_size: field.whole(50368),
  hidden_size: field.whole(768),
  intermediate_size: field.whole(1152),
  num_hidden_layers: field.depth(22),
  num_attention_heads: field.whole(12),
  hidden_activation: field.oneOf(nn.activationNames, "gelu"),
  max_position_embeddings: field.whole(8192),
  initializer_range: field.initialStd(0.02, "hidden_size", 768),
  norm_eps: field.positive(1e-5),
  norm_bias: field.flag(false),
  pad_token_id: field.paddingId(50283),
  attention_bias: field.flag(false),
  attention_dropout: field.rate(0),
  global_attn_every_n_layers: field.whole(3),
  layer_types: layerTypes((c, i) => i % (c["global_attn_every_n_layers"] as number) > 0),
  rope_parameters: ropeByLayerType({
    full_attention: ["global_rope_theta", 160_000],
    sliding_attention: ["local_rope_theta", 10_000],
  }),
  local_attention: field.whole(128),
  embedding_dropout: field.rate(0),
  mlp_bias: field.flag(false),
  mlp_dropout: field.rate(0),
  decoder_bias: field.flag(true),
  classifier_pooling: field.oneOf(["cls", "mean"], "cls"),
  classifier_dropout: field.rate(0),
  classifier_bias: field.flag(false),
  classifier_activation: field.oneOf(nn.activationNames, "gelu"),
  sparse_prediction: field.only(false),
  tie_word_embeddings: field.flag(true),
  ...labelFields,
};
export type ModernBertConfig = field.ConfigOf<typeof modernBertFields>;

/** Attention, which only layers behind the first have a norm before, and a gated feed-forward. */
const block = (c: ModernBertConfig, index: number) => {
  const { hidden_size: C, intermediate_size: inner, num_attention_heads: h } = c;
  const out = { init: nn.normal(c.initializer_range / Math.sqrt(2 * c.num_hidden_layers)) };
  const parts = {
    ...(index === 0 ? {} : { attn_norm: norm(c) }),
    attn: {
      Wqkv: nn.linear(C, 3 * C, { bias: c.attention_bias, ...small(c) }),
      Wo: nn.linear(C, C, { bias: c.attention_bias, ...out }),
      drop: nn.dropout(c.attention_dropout),
      dropWeights: nn.dropout(c.attention_dropout),
    },
    mlp_norm: norm(c),
    mlp: {
      Wi: nn.linear(C, 2 * inner, { bias: c.mlp_bias, ...small(c) }),
      Wo: nn.linear(inner, C, { bias: c.mlp_bias, ...out }),
      drop: nn.dropout(c.mlp_dropout),
    },
  };
  return nn.layer(parts, ({ attn_norm, attn, mlp_norm, mlp }, x: Float, turns: nn.Rotation, mask?: Float) => {
    const [q, k, v] = chunk(attn.Wqkv(attn_norm?.(x) ?? x), 3, 2).map((each) =>
      rearrange(each, "b t (h d) -> b h t d", { h }),
    );
    const attend = nn.scaledDotProduct({ dropout: attn.dropWeights });
    const y = nn.gate("heads", attend(nn.rotate(q!, turns), nn.rotate(k!, turns), v!, mask), [h, 1, 1]);
    x = add(x, nn.gate("attention", attn.drop(attn.Wo(rearrange(y, "b h t d -> b t (h d)"))), []));
    const [wide, gate] = chunk(mlp.Wi(mlp_norm(x)), 2, 2);
    const thought = mlp.Wo(mlp.drop(mul(nn.activations[c.hidden_activation](wide!), gate!)));
    return add(x, nn.gate("feed_forward", thought, []));
  });
};

export const modernBertBody = (c: ModernBertConfig) => {
  const words = nn.embedding(c.vocab_size, c.hidden_size, { ...small(c), padding: c.pad_token_id });
  const parts = {
    embeddings: { tok_embeddings: words, norm: norm(c), drop: nn.dropout(c.embedding_dropout) },
    layers: Array.from({ length: c.num_hidden_layers }, (_, i) => block(c, i)),
    final_norm: norm(c),
  };
  const D = c.hidden_size / c.num_attention_heads;
  return nn.layer(parts, ({ embeddings: e, layers, final_norm }, inputs: encoder.EncoderInputs) => {
    const [, T] = sizes(inputs.input_ids, "B T");
    const near = nn.nearMask(T, Math.floor(c.local_attention / 2), inputs.attention_mask);
    const masks = { full_attention: encoder.encoderMask(inputs), sliding_attention: near };
    const turns = (type: keyof typeof masks) =>
      nn.rotation(encoder.positionsOf(inputs), ropeOf({ ...c, rope_parameters: c.rope_parameters[type] }, D));
    const turning = { full_attention: turns("full_attention"), sliding_attention: turns("sliding_attention") };
    let x = e.drop(e.norm(e.tok_embeddings(inputs.input_ids))); // [B, T, C]
    for (const [i, block] of layers.entries()) {
      const type = c.layer_types[i]!;
      x = block(tap("hidden_states", x), turning[type], masks[type]);
    }
    return tap("hidden_states", final_norm(x));
  });
};

export const small = (c: ModernBertConfig) => ({ init: nn.normal(c.initializer_range) });

/** Layer norm, by default without what it would add. */
export function norm(c: ModernBertConfig) {
  const [C, eps] = [c.hidden_size, c.norm_eps];
  if (c.norm_bias) return nn.layerNorm(C, { eps });
  return nn.layer({ weight: nn.param([C], nn.constant(1)) }, ({ weight }, x: Float) =>
    layerNormalize(x, weight, zeros([C]), eps),
  );
}
