/** DeBERTa-v2's encoder: words masked where there are none, disentangled attention, a convolution beside the first layer. */
import * as nn from "../nn/index.ts";
import {
  add,
  and,
  type Bool,
  cast,
  conv1d,
  type Float,
  type Ids,
  mul,
  rearrange,
  sizes,
  tap,
  transpose,
  unsqueeze,
} from "../tensor/index.ts";
import { type DebertaConfig, furthest, norm, small } from "./deberta-config.ts";
import * as encoder from "./encoder.ts";

/** A token, and its place and text where they have vectors: [B, T, C], 0 where there is no token. */
export const debertaEmbeddings = (c: DebertaConfig) => {
  const { embedding_size: E, hidden_size: C } = c;
  const table = (count: number) => nn.embedding(count, E, small(c));
  const parts = {
    word_embeddings: nn.embedding(c.vocab_size, E, { ...small(c), padding: c.pad_token_id }),
    ...(c.position_biased_input ? { position_embeddings: table(c.max_position_embeddings) } : {}),
    ...(c.type_vocab_size > 0 ? { token_type_embeddings: table(c.type_vocab_size) } : {}),
    ...(E === C ? {} : { embed_proj: nn.linear(E, C, { bias: false, ...small(c) }) }),
    LayerNorm: norm(c),
    drop: nn.dropout(c.hidden_dropout_prob),
  };
  return nn.layer(parts, (e, inputs: encoder.EncoderInputs) => {
    let x: Float = e.word_embeddings(inputs.input_ids);
    if (e.position_embeddings) x = add(x, e.position_embeddings(encoder.positionsOf(inputs)));
    if (e.token_type_embeddings) x = add(x, e.token_type_embeddings(encoder.tokenTypesOf(inputs)));
    x = e.LayerNorm(e.embed_proj ? e.embed_proj(x) : x);
    return e.drop(inputs.attention_mask ? mul(x, real(inputs.attention_mask)) : x);
  });
};

/** What all layers read: vectors of relative places [rows, C], and which row is for each pair of tokens [T, T]. */
interface Places {
  readonly vectors: Float;
  readonly rows: Ids;
}

const attention = (c: DebertaConfig) => {
  const { hidden_size: C, num_attention_heads: h, pos_att_type: kinds } = c;
  const linear = () => nn.linear(C, C, small(c));
  const own = (kind: "c2p" | "p2c") => c.relative_attention && !c.share_att_key && kinds.includes(kind);
  const parts = {
    ...{ query_proj: linear(), key_proj: linear(), value_proj: linear() },
    ...(own("c2p") ? { pos_key_proj: linear() } : {}),
    ...(own("p2c") ? { pos_query_proj: linear() } : {}),
    drop: nn.dropout(c.hidden_dropout_prob),
    dropWeights: nn.dropout(c.attention_probs_dropout_prob),
  };
  const scale = 1 / Math.sqrt((C / h) * (1 + kinds.length));
  return nn.layer(parts, (p, x: Float, allowed: Bool | undefined, places: Places | undefined) => {
    const split = (y: Float) => rearrange(y, "b t (h d) -> b h t d", { h });
    const vectors = places && p.drop(places.vectors);
    const byHead = (project: nn.Linear) => vectors && rearrange(project(vectors), "r (h d) -> h r d", { h });
    const y = nn.disentangledAttention(split(p.query_proj(x)), split(p.key_proj(x)), split(p.value_proj(x)), {
      ...{ scale, allowed, dropout: p.dropWeights, places: places?.rows },
      placeKeys: kinds.includes("c2p") ? byHead(p.pos_key_proj ?? p.key_proj) : undefined,
      placeQueries: kinds.includes("p2c") ? byHead(p.pos_query_proj ?? p.query_proj) : undefined,
    });
    return rearrange(nn.gate("heads", y, [h, 1, 1]), "b h t d -> b t (h d)");
  });
};

const block = (c: DebertaConfig) => {
  const [C, inner] = [c.hidden_size, c.intermediate_size];
  const parts = {
    attention: { self: attention(c), output: { dense: nn.linear(C, C, small(c)), LayerNorm: norm(c) } },
    intermediate: { dense: nn.linear(C, inner, small(c)) },
    output: { dense: nn.linear(inner, C, small(c)), LayerNorm: norm(c) },
    drop: nn.dropout(c.hidden_dropout_prob),
  };
  return nn.layer(parts, ({ attention: a, intermediate, output, drop }, x: Float, allowed?: Bool, places?: Places) => {
    const read = drop(a.output.dense(a.self(x, allowed, places)));
    x = a.output.LayerNorm(add(x, nn.gate("attention", read, [])));
    const thought = drop(output.dense(nn.activations[c.hidden_act](intermediate.dense(x))));
    return output.LayerNorm(add(x, nn.gate("feed_forward", thought, [])));
  });
};

/** Neighbours of each token, beside what the first layer made of it; 0 where there is no token. */
const convolution = (c: DebertaConfig) => {
  const { hidden_size: C, conv_kernel_size: size, conv_groups: groups } = c;
  const parts = {
    conv: {
      weight: nn.param([C, C / groups, size], nn.normal(c.initializer_range)),
      bias: nn.param([C], nn.constant(0)),
    },
    LayerNorm: norm(c),
    drop: nn.dropout(c.hidden_dropout_prob),
  };
  return nn.layer(parts, ({ conv, LayerNorm, drop }, words: Float, x: Float, mask?: Ids) => {
    const onReal = (y: Float) => (mask ? mul(y, real(mask)) : y);
    const padding = (size - 1) / 2;
    const near = transpose(conv1d(transpose(words), conv.weight, { groups, bias: conv.bias, padding })); // [B, T, C]
    return onReal(LayerNorm(add(x, nn.activations[c.conv_act](drop(onReal(near))))));
  });
};

export const debertaEncoder = (c: DebertaConfig) => {
  const span = c.position_buckets > 0 ? c.position_buckets : furthest(c);
  const buckets = c.position_buckets > 0 ? c.position_buckets : undefined;
  const parts = {
    layer: Array.from({ length: c.num_hidden_layers }, () => block(c)),
    ...(c.relative_attention ? { rel_embeddings: nn.embedding(2 * span, c.hidden_size, small(c)) } : {}),
    ...(c.norm_rel_ebd === "layer_norm" ? { LayerNorm: norm(c) } : {}),
    ...(c.conv_kernel_size > 0 ? { conv: convolution(c) } : {}),
  };
  return nn.layer(parts, ({ layer, rel_embeddings, LayerNorm, conv }, words: Float, mask?: Ids) => {
    const [, T] = sizes(words, "B T C");
    const allowed = mask && and(nn.visible(mask), transpose(nn.visible(mask))); // [B, 1, T, T]
    const vectors = rel_embeddings && (LayerNorm?.(rel_embeddings.weight) ?? rel_embeddings.weight);
    const places = vectors && { vectors, rows: nn.relativePlaces(T, { span, buckets, furthest: furthest(c) }) };
    let x = tap("hidden_states", words);
    for (const [i, block] of layer.entries()) {
      x = block(x, allowed, places);
      x = tap("hidden_states", i === 0 && conv ? conv(words, x, mask) : x);
    }
    return x;
  });
};

const real = (mask: Ids) => unsqueeze(cast(mask, "float32"), -1) as Float; // [B, T, 1]
