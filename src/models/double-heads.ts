/** GPT's and GPT-2's second head: which of several continuations is right, beside the next token of each. */
import * as nn from "../nn/index.ts";
import {
  crossEntropy,
  type Float,
  type Ids,
  matmul,
  oneHot,
  rearrange,
  reshape,
  sizes,
  squeeze,
  transpose,
  unsqueeze,
} from "../tensor/index.ts";
import { type DecoderInputs, decoderInputs, type Head, type InputSpec } from "./architecture.ts";
import { causalLoss, lastPositions } from "./causal.ts";
import type { Decoder } from "./causal-heads.ts";
import * as field from "./config.ts";

/** GPT's decoders may also be told what kind of text a token is of, by a row of the token embeddings. */
export interface GptInputs extends DecoderInputs {
  /** [B, T] */
  readonly token_type_ids?: Ids;
}
export const gptInputs = {
  input_ids: decoderInputs.input_ids,
  attention_mask: decoderInputs.attention_mask,
  position_ids: decoderInputs.position_ids,
  token_type_ids: decoderInputs.input_ids,
} as const satisfies Readonly<Record<string, InputSpec>>;

/** How a row becomes what the second head reads. */
export const summaryFields = {
  summary_type: field.only("cls_index"), // the others of transformers average or choose over choices, not tokens
  summary_use_proj: field.flag(true),
  summary_proj_to_labels: field.flag(true),
  summary_activation: field.optionalOneOf(nn.activationNames),
  summary_first_dropout: field.rate(0.1),
};
type Summary = field.ConfigOf<typeof summaryFields> & { readonly tie_word_embeddings: boolean };

interface Inputs extends GptInputs {
  /** Where each choice is read: its last token unless given. [B, choices] */
  readonly mc_token_ids?: Ids;
  /** Which choice is right. [B] */
  readonly mc_labels?: Ids;
}

/**
 * Inputs are [B, choices, T]; gives logits [B, choices, T, V] with their loss, and mc_logits [B, choices] with mc_loss: a
 * vector each [B, choices, C] where the configuration has nothing that makes a score of it.
 */
export function doubleHeads<C extends Summary, D extends Decoder>(of: {
  readonly decoder: (config: C) => D;
  readonly embedding: (decoder: D) => nn.Param;
  readonly init: (config: C) => nn.InitialValue;
}): Head<C> {
  const build = (c: C) => {
    const decoder = of.decoder(c);
    const [V, width] = of.embedding(decoder).shape as [number, number];
    const scores = c.summary_use_proj && c.summary_proj_to_labels;
    const parts: { transformer: D; lm_head?: nn.Linear; multiple_choice_head: ReturnType<typeof summary> } = {
      transformer: decoder,
      ...(!c.tie_word_embeddings && { lm_head: nn.linear(width, V, { bias: false, init: of.init(c) }) }),
      multiple_choice_head: summary(c, width, of.init(c)),
    };
    return nn.layer(parts, ({ transformer, lm_head, multiple_choice_head }, inputs: Inputs) => {
      const [B, choices, T] = sizes(inputs.input_ids, "B choices T");
      const states = transformer(asRows(inputs)); // [B · choices, T, C]
      const logits = lm_head ? lm_head(states) : matmul(states, transpose(of.embedding(decoder)));
      const place = inputs.mc_token_ids && rearrange(inputs.mc_token_ids, "b n -> (b n)");
      const mc_logits = reshape(multiple_choice_head(states, place), [B, choices, ...(scores ? [] : [width])]);
      return {
        logits: reshape(logits, [B, choices, T, V]),
        ...causalLoss(logits, inputs.labels && rearrange(inputs.labels, "b n t -> (b n) t")),
        mc_logits,
        ...(inputs.mc_labels && { mc_loss: crossEntropy(mc_logits, inputs.mc_labels) }),
      };
    });
  };
  return { build, task: "multiple-choice", inputs: () => inputsOfBoth };
}

/** One number, or a vector, for each row of x [N, T, C], read where `place` [N] says, else at its last token. */
const summary = (c: Summary, width: number, init: nn.InitialValue) =>
  nn.layer(
    {
      ...(c.summary_use_proj && { summary: nn.linear(width, c.summary_proj_to_labels ? 1 : width, { init }) }),
      drop: nn.dropout(c.summary_first_dropout),
    } as { summary?: nn.Linear; drop: ReturnType<typeof nn.dropout> },
    ({ summary, drop }, x: Float, place?: Ids) => {
      const [, T] = sizes(x, "N T C");
      const read = drop(
        place ? squeeze(matmul(unsqueeze(oneHot(place, T), 1), x), 1) : squeeze(lastPositions(x, 1), 1),
      );
      const projected = summary ? summary(read) : read;
      return c.summary_activation ? nn.activations[c.summary_activation](projected) : projected;
    },
  );

const inputsOfBoth: Readonly<Record<string, InputSpec>> = {
  ...Object.fromEntries(
    [...Object.keys(gptInputs), "labels"].map((name) => [
      name,
      { dtype: "int64", shape: ["batch", "choices", "time"] } as const,
    ]),
  ),
  mc_token_ids: { dtype: "int64", shape: ["batch", "choices"] },
  mc_labels: { dtype: "int64", shape: ["batch"] },
};

/** Each choice as a row of its own. */
function asRows({ input_ids, attention_mask, position_ids, token_type_ids }: Inputs): GptInputs {
  const rows = (x: Ids) => rearrange(x, "b n t -> (b n) t");
  return {
    input_ids: rows(input_ids),
    ...(attention_mask && { attention_mask: rows(attention_mask) }),
    ...(position_ids && { position_ids: rows(position_ids) }),
    ...(token_type_ids && { token_type_ids: rows(token_type_ids) }),
  };
}
