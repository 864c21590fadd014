/** What a recurrent encoder-decoder takes, and what it remembers between the tokens that it writes. */
import type { Float, Ids } from "../tensor/index.ts";
import type { InputSpec } from "./architecture.ts";
import type { Cache, Memory } from "./memory.ts";
import { type Choice, carried } from "./recurrent-choices.ts";

export interface Seq2seqInputs {
  /** The source. [B, S] */
  readonly input_ids?: Ids;
  /** 1 where the source has a token, 0 where it is padded, on the right. [B, S] */
  readonly attention_mask?: Ids;
  /** The tokens before each that is to be predicted; unless given, the labels moved by one. [B, T] */
  readonly decoder_input_ids?: Ids;
  /** −100 where it does not count. [B, T] */
  readonly labels?: Ids;
  /** 1 where a step reads the true token before it, 0 where the likeliest; all 1 unless given. [B, T] */
  readonly teacher_forcing?: Float;
  /** Where each layer of an encoder that reads one way begins, "cell" in an LSTM only; zeros unless given. [B, H] each */
  readonly encoder_state?: readonly { readonly hidden: Float; readonly cell?: Float }[];
  /** Instead of a source, what the encoder made of it, [B, S, H] and [B, H], and what the step before left. */
  readonly encoder_hidden_states?: Float;
  readonly encoder_last_state?: Float;
  readonly decoder_state?: readonly Float[];
}

/** Read once, before the first token. */
export const source = {
  input_ids: { dtype: "int64", shape: ["batch", "source"] },
  attention_mask: { dtype: "int64", shape: ["batch", "source"] },
} as const satisfies Record<string, InputSpec>;
export const inputs = {
  ...source,
  decoder_input_ids: { dtype: "int64", shape: ["batch", "time"] },
  labels: { dtype: "int64", shape: ["batch", "time"] },
} as const satisfies Record<string, InputSpec>;

/** What the encoder made of the source, and the decoder's states, which begin with the encoder's last. */
export function cache(c: Choice): Cache {
  const row = ["batch", c.hidden_size];
  const states = Array.from({ length: carried(c) }, (_, i): [string, Memory] => [
    `decoder_state.${i}`,
    { kind: "state", shape: row, first: `decoder_start.${i}` },
  ]);
  const read: Cache =
    c.attention === "none"
      ? { encoder_last_state: { kind: "source", shape: row } }
      : { encoder_hidden_states: { kind: "source", shape: ["batch", "source", c.hidden_size] } };
  return { ...read, ...Object.fromEntries(states) };
}

/** What the encoder carries from token to token, where it reads one way. */
export function reading(c: Choice & { readonly bidirectional: boolean }): Cache {
  if (c.bidirectional) return {};
  const parts = c.cell === "lstm" ? ["hidden", "cell"] : ["hidden"];
  return Object.fromEntries(
    Array.from({ length: c.num_layers }, (_, layer) =>
      parts.map((part, i): [string, Memory] => [
        `encoder_state.${layer}.${part}`,
        { kind: "state", shape: ["batch", c.hidden_size], left: `encoder_end.${layer * parts.length + i}` },
      ]),
    ).flat(),
  );
}
