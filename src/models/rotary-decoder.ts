/** What decoders since GPT-NeoX share: Llama's block, and the way of tokens through the blocks. */
import * as nn from "../nn/index.ts";
import { add, type Dim, type Float, type Ids, iota, plus, sizes, tap } from "../tensor/index.ts";
import type { DecoderInputs } from "./architecture.ts";
import { causalHeads, type Headed } from "./causal-heads.ts";
import * as field from "./config.ts";
import { keysAndValues } from "./memory.ts";
import { type RopeParameters, ropeContradiction, ropeOf } from "./rope.ts";

/** x [B, T, C], what is added to the scores, how queries and keys turn, earlier keys and values → [B, T, C]. */
export type Block = object & ((x: Float, mask: Float, turns: nn.Rotation | undefined, past?: nn.KeyValue) => Float);

interface Halves {
  readonly input_layernorm: object & ((x: Float) => Float);
  readonly self_attn: Block;
  readonly post_attention_layernorm: object & ((x: Float) => Float);
  readonly mlp: object & ((x: Float) => Float);
}

/** Attention and feed-forward, each behind a norm and beside a way around it (Llama's; pre-norm: arXiv:2002.04745). */
export const preNormBlock = <P extends Halves>(parts: P) =>
  nn.layer(parts, (p, x: Float, mask: Float, turns: nn.Rotation | undefined, past?: nn.KeyValue) => {
    x = add(x, nn.gate("attention", p.self_attn(p.input_layernorm(x), mask, turns, past), []));
    return add(x, nn.gate("feed_forward", p.mlp(p.post_attention_layernorm(x)), []));
  });

interface Decoder {
  readonly embed: (ids: Ids) => Float;
  readonly blocks: readonly Block[];
  readonly norm: (x: Float) => Float;
  /** How queries and keys turn; undefined: they know their places by `bias`. */
  readonly rope: nn.Rope | undefined;
  /** What else is added to the scores, by the keys' places. */
  readonly bias?: ((keys: Dim, attention_mask?: Ids) => Float) | undefined;
  /** How many keys the queries of each layer see, their own included; null, or none given: all before them. */
  readonly windows?: readonly (number | null)[];
  /** False: texts packed into a row, each with positions from 0, read those before them too. */
  readonly apart?: boolean;
}

/** Tokens through the blocks: input_ids [B, T] → the last block's states, behind the last norm [B, T, C]. */
export function throughBlocks(
  { input_ids, attention_mask, position_ids, past_key_values: past }: DecoderInputs,
  { embed, blocks, norm, rope, bias, windows = [], apart = true }: Decoder,
): Float {
  const [, T] = sizes(input_ids, "B T");
  const before = (layer: number) => past?.[layer]?.key.shape[2] ?? 0;
  const keys = (layer: number) => plus(before(layer), T);
  const masks = nn.causalMasks(windows, T, keys, attention_mask, apart && !past ? position_ids : undefined);
  const more = bias?.(keys(0), attention_mask);
  const turns = rope && nn.rotation(position_ids ?? iota(keys(0), before(0)), rope);
  let x = embed(input_ids); // [B, T, C]
  for (const [i, block] of blocks.entries())
    x = block(tap("hidden_states", x), more ? add(masks(i), more) : masks(i), turns, past?.[i]);
  return tap("hidden_states", norm(x));
}

/** Fields of the configurations whose files have Llama's names. */
interface LlamaSizes {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly max_position_embeddings: number;
  readonly rope_parameters: RopeParameters;
  readonly attention_dropout: number;
  readonly initializer_range: number;
  readonly pad_token_id: number | null;
}

export const small = (c: Pick<LlamaSizes, "initializer_range">) => nn.normal(c.initializer_range);

/** Grouped queries of the configuration's sizes; `more` says what else a model has. */
export const llamaAttention = (
  c: LlamaSizes,
  more: Partial<Parameters<typeof nn.groupedQueryAttention<nn.Norm>>[1]> = {},
) =>
  nn.groupedQueryAttention(c.hidden_size, {
    heads: c.num_attention_heads,
    kvHeads: c.num_key_value_heads,
    headSize: c.head_dim,
    attend: nn.scaledDotProduct({ dropout: nn.dropout(c.attention_dropout) }),
    init: small(c),
    ...more,
  });

interface LlamaParts {
  readonly block: () => Block;
  readonly norm: nn.Norm;
  readonly windows?: Decoder["windows"];
  /** Of the embeddings [B, T, C]. */
  readonly scale?: (x: Float) => Float;
}

/** A decoder under Llama's names, made of these blocks. */
export function llamaDecoder(c: LlamaSizes, { block, norm, windows = [], scale = (x) => x }: LlamaParts) {
  const parts = {
    embed_tokens: nn.embedding(c.vocab_size, c.hidden_size, { init: small(c), padding: c.pad_token_id }),
    layers: Array.from({ length: c.num_hidden_layers }, block),
    norm,
  };
  return nn.layer(parts, (p, inputs: DecoderInputs) =>
    throughBlocks(inputs, {
      embed: (ids) => scale(p.embed_tokens(ids)),
      ...{ blocks: p.layers, norm: p.norm, rope: ropeOf(c, c.head_dim), windows },
    }),
  );
}

const embedding = ({ embed_tokens }: ReturnType<typeof llamaDecoder>) => embed_tokens.weight;

/** The heads of such a decoder. */
export const llamaHeads = <C extends LlamaSizes & Headed>(decoder: (config: C) => ReturnType<typeof llamaDecoder>) =>
  causalHeads({ prefix: "model", decoder, embedding, init: small });

/** For `contradiction`. */
export const llamaContradiction = (c: LlamaSizes): string | undefined =>
  field.multipleOf("num_attention_heads", "num_key_value_heads")({ ...c }) ?? ropeContradiction(c, c.head_dim);

/** Keys and values, each layer's as far as its window reaches. */
export function llamaCache<C extends LlamaSizes>(windows: (config: C) => readonly (number | null)[]) {
  return (c: C) => {
    const sizes = { layers: c.num_hidden_layers, heads: c.num_key_value_heads, headSize: c.head_dim };
    return keysAndValues({ ...sizes, windows: windows(c) });
  };
}

/** What is the same in all architectures whose files have Llama's names. */
export const llamaFiles = {
  fileNames: {
    prefixes: ["model", "transformer"], // the latter in heads for questions
    buffers: [/\.rotary_emb\.inv_freq$/],
    tied: { "lm_head.weight": "model.embed_tokens.weight" },
  },
  limits: {
    vocabulary: "vocab_size",
    positions: "max_position_embeddings",
    unbounded: ({ rope_parameters }: { readonly rope_parameters: RopeParameters }) =>
      rope_parameters.rope_type === "dynamic", // it is made for longer sequences
  },
  cache: llamaCache(() => []),
} as const;
