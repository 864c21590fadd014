/** The task heads that decoders have: the next token, a class for the text, a tag for each token, where an answer stands. */
import * as nn from "../nn/index.ts";
import {
  argmax,
  cast,
  type Float,
  type Ids,
  iota,
  matmul,
  mul,
  notEqual,
  oneHot,
  sizes,
  squeeze,
  transpose,
  unsqueeze,
} from "../tensor/index.ts";
import { type DecoderInputs, decoderInputs, type Head, type InputSpec, type Model } from "./architecture.ts";
import { causalLoss, lastPositions } from "./causal.ts";
import * as field from "./config.ts";
import { headStart } from "./encoder.ts";
import { headsOf } from "./heads.ts";
import { answerSpan, classified, labelFields, perSequence } from "./losses.ts";

/** Fields that the heads read. */
export const headFields = { ...labelFields, pad_token_id: field.paddingId(), tie_word_embeddings: field.flag(false) };
export type Headed = field.ConfigOf<typeof headFields>;

const { input_ids, attention_mask, position_ids } = decoderInputs;
const plainInputs = { input_ids, attention_mask, position_ids };

/** A decoder without a head: [B, T] → its last layer's states [B, T, C]. */
export type Decoder = object & ((inputs: DecoderInputs) => Float);

interface Body<C, D extends Decoder> {
  /** What files call the decoder: the path before its names. */
  readonly prefix: string;
  readonly decoder: (config: C) => D;
  /** The token embeddings [V, C], which logits read where they are tied. */
  readonly embedding: (decoder: D) => nn.Param;
  readonly init: (config: C) => nn.InitialValue;
  /** What it may be given. */
  readonly inputs?: Readonly<Record<string, InputSpec>>;
}

type Read<H, I> = (states: Float, head: H, inputs: I) => ReturnType<Model>;
type Spans = DecoderInputs & Parameters<typeof answerSpan>[1];

/** The heads of one decoder. */
export function causalHeads<C extends Headed, D extends Decoder>(body: Body<C, D>) {
  const { inputs = plainInputs } = body;
  const takes = headsOf(inputs);
  /** A decoder and what reads its states, each under its name. */
  const headed =
    <H extends object, I extends DecoderInputs>(
      make: (c: C, width: number) => H,
      read: (c: C) => Read<H, I>,
      prefix = body.prefix,
    ) =>
    (c: C): Model => {
      const decoder = body.decoder(c);
      const head = make(c, body.embedding(decoder).shape[1]!);
      const from = read(c);
      const parts = { [prefix]: decoder, ...head };
      return nn.layer(parts, (own, inputs: I) => from(decoder(inputs), own, inputs));
    };
  return {
    /** The decoder alone, which gives the states of all tokens [B, T, C]. */
    states: (): Head<C> =>
      takes.bare((c: C) => {
        const decoder = body.decoder(c);
        return nn.layer({ ...decoder }, (_, inputs: DecoderInputs) => ({ last_hidden_state: decoder(inputs) }));
      }),
    /** The next token: a layer called `output`, or the embeddings where `tie_word_embeddings` says so. */
    causalLm: ({ output = "lm_head", squash = same as (logits: Float, config: C) => Float } = {}): Head<C> => ({
      task: "language-modeling",
      inputs: () => ({ ...inputs, labels: decoderInputs.labels }),
      build(c) {
        const decoder = body.decoder(c);
        const [V, width] = body.embedding(decoder).shape as [number, number];
        const own = c.tie_word_embeddings ? undefined : nn.linear(width, V, { bias: false, init: body.init(c) });
        const parts = { [body.prefix]: decoder, ...(own && { [output]: own }) };
        return nn.layer(parts, (p, inputs: DecoderInputs) => {
          const x = lastPositions(decoder(inputs), inputs.logits_to_keep);
          const scores = own ? (p[output] as nn.Linear)(x) : matmul(x, transpose(body.embedding(decoder)));
          const logits = squash(scores, c); // [B, T, V]
          return { logits, ...causalLoss(logits, inputs.labels) };
        });
      },
    }),
    /** A class for each row, read at its last token. */
    sequence: (): Head<C> =>
      takes.sequenceClassification(
        headed(
          (c, width) => ({ score: nn.linear(width, c.num_labels, { bias: false, ...headStart }) }),
          (c) =>
            (states, { score }, { input_ids, labels }) =>
              perSequence(c, score(lastToken(states, input_ids, c.pad_token_id)), labels),
        ),
      ),
    /** A tag for each token, by a layer of this name. */
    tokens: ({ name = "score", dropout = (_: C): number => 0.1 } = {}): Head<C> =>
      takes.tokenClassification(
        headed(
          (c, width) => ({ dropout: nn.dropout(dropout(c)), [name]: nn.linear(width, c.num_labels, headStart) }),
          () =>
            (states, head, { labels }) =>
              classified((head[name] as nn.Linear)(head.dropout(states)), labels),
        ),
      ),
    /** Where an answer starts and ends; some files call the decoder by another name here. */
    answers: ({ prefix = body.prefix } = {}): Head<C> =>
      takes.questionAnswering(
        headed(
          (_, width) => ({ qa_outputs: nn.linear(width, 2, headStart) }),
          () =>
            (states, { qa_outputs }, spans: Spans) =>
              answerSpan(qa_outputs(states), spans),
          prefix,
        ),
      ),
  };
}

const same = (x: Float): Float => x;

/** The states of each row's last token that is no padding [B, T, C] → [B, C]; the last of all without a padding id. */
function lastToken(states: Float, ids: Ids, padding: number | null): Float {
  const [, T] = sizes(ids, "B T");
  if (padding === null) return squeeze(lastPositions(states, 1), 1);
  const place = argmax(mul(cast(notEqual(ids, padding), "int64"), iota(T)), 1); // [B]
  return squeeze(matmul(unsqueeze(oneHot(place, T), 1), states), 1);
}
