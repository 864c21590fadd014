/** What encoders share: what they may be given, who may be read, and where tokens stand. */
import * as nn from "../nn/index.ts";
import { add, type Float, type Ids, int64, iota, matmul, rearrange, sizes, transpose } from "../tensor/index.ts";
import type { InputSpec } from "./architecture.ts";
import { multipleOf } from "./config.ts";

/** Inputs that an encoder takes; batch and time may be symbols. */
export interface EncoderInputs {
  /** [B, T] */
  readonly input_ids: Ids;
  /** 1 where a key is a token, 0 where it is padding; all are tokens unless given. [B, T] */
  readonly attention_mask?: Ids;
  /** Which of two texts a token is of: 0 or 1; 0 unless given. [B, T] */
  readonly token_type_ids?: Ids;
  /** [B, T]; 0, 1, 2 … unless given. */
  readonly position_ids?: Ids;
}

const perToken = { dtype: "int64", shape: ["batch", "time"] } as const satisfies InputSpec;

export const encoderInputs = {
  input_ids: perToken,
  attention_mask: perToken,
  token_type_ids: perToken,
  position_ids: perToken,
} as const satisfies Record<keyof EncoderInputs, InputSpec>;

/** Tensors of every file of an encoder that are no parameters. */
export const encoderBuffers: readonly RegExp[] = [/\.embeddings\.(position_ids|token_type_ids)$/];

/** Every token reads every other that is no padding; undefined where all are tokens. [B, 1, 1, T] */
export const encoderMask = ({ attention_mask }: EncoderInputs): Float | undefined =>
  attention_mask && nn.paddingMask(attention_mask);

/** Rows of the table of positions: those given, else 0, 1, 2 … [B, T] or [T] */
export const positionsOf = ({ input_ids, position_ids }: EncoderInputs): Ids => {
  const [, T] = sizes(input_ids, "B T");
  return position_ids ?? iota(T);
};

/** Rows of the table of token types: those given, else row 0 for all. [B, T] or [1] */
export const tokenTypesOf = ({ token_type_ids }: EncoderInputs): Ids => token_type_ids ?? int64([0]);

/** Scores of every word, by the vectors that words are read with: x [..., C], words [V, C], bias [V] → [..., V]. */
export function tiedLogits(x: Float, words: Float, bias?: Float): Float {
  const logits = matmul(x, transpose(words));
  return bias ? add(logits, bias) : logits;
}

/** Each choice of a question as a row of its own: [B, choices, T] → [B · choices, T]. */
export function choicesAsRows({
  input_ids,
  attention_mask,
  token_type_ids,
  position_ids,
}: EncoderInputs): EncoderInputs {
  const rows = (x: Ids) => rearrange(x, "b n t -> (b n) t");
  return {
    input_ids: rows(input_ids),
    ...(attention_mask && { attention_mask: rows(attention_mask) }),
    ...(token_type_ids && { token_type_ids: rows(token_type_ids) }),
    ...(position_ids && { position_ids: rows(position_ids) }),
  };
}

/** What a new head's last layer starts from: as small as in a wide model, so that no class is preferred. */
export const headStart = { init: nn.normal(0.02) };

export const headsShareWidth = multipleOf("hidden_size", "num_attention_heads");

/** Fields that bound an encoder's inputs. */
export const encoderLimits = {
  vocabulary: "vocab_size",
  positions: "max_position_embeddings",
  tokenTypes: "type_vocab_size",
} as const;

/** Sizes small enough for tests, and awkward. */
export const tinyEncoder = {
  ...{ vocab_size: 23, max_position_embeddings: 16, hidden_size: 12, num_hidden_layers: 2, num_attention_heads: 3 },
  ...{ intermediate_size: 20, pad_token_id: 0 },
};
