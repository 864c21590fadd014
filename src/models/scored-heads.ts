/**
 * The task heads that encoders have, each made of scores: of words or classes for every token [B, T, n], or for every row
 * [B, n]. A model says how it scores; the loss and the names of the outputs follow.
 */
import * as nn from "../nn/index.ts";
import type { Float, Ids, Tensor } from "../tensor/index.ts";
import type { InputSpec, Model } from "./architecture.ts";
import { choicesAsRows, type EncoderInputs } from "./encoder.ts";
import { headsOf } from "./heads.ts";
import { answerSpan, classified, type Labels, perChoice, perSequence, type Span } from "./losses.ts";

type Scores = (inputs: EncoderInputs) => Float;
/** A layer that gives so many scores of a token or a row. */
type Scorer<C> = (config: C, count: number) => Scores;
type Labelled = EncoderInputs & { readonly labels?: Ids };

/** Heads of a model whose body takes these inputs. */
export function scoredHeads(inputs: Readonly<Record<string, InputSpec>>) {
  const heads = headsOf(inputs);
  return {
    ...heads,
    /** The body alone, which gives the states of all tokens [B, T, C]. */
    states: <C>(states: (config: C) => Scores) =>
      heads.bare((c: C) => {
        const body = states(c);
        return around(body, (x: EncoderInputs) => ({ last_hidden_state: body(x) }));
      }),
    maskedLm: <C>(scores: (config: C) => Scores) => heads.maskedLm((c: C) => classifier(scores(c))),
    nextSentence: <C>(scores: (config: C) => Scores) => heads.nextSentence((c: C) => classifier(scores(c))),
    tokenClassification: <C extends Labels>(scores: Scorer<C>) =>
      heads.tokenClassification((c: C) => classifier(scores(c, c.num_labels))),
    questionAnswering: <C>(scores: Scorer<C>) =>
      heads.questionAnswering((c: C) => {
        const inner = scores(c, 2);
        return around(inner, (x: EncoderInputs & Span) => answerSpan(inner(x), x));
      }),
    sequenceClassification: <C extends Labels>(scores: Scorer<C>, taught = perSequence) =>
      heads.sequenceClassification((c: C) => {
        const inner = scores(c, c.num_labels);
        return around(inner, ({ labels, ...x }: EncoderInputs & { readonly labels?: Tensor }) =>
          taught(c, inner(x), labels),
        );
      }),
    multipleChoice: <C>(scores: Scorer<C>) =>
      heads.multipleChoice((c: C) => {
        const inner = scores(c, 1);
        return around(inner, ({ labels, ...x }: Labelled) => perChoice(inner(choicesAsRows(x)), x.input_ids, labels));
      }),
  };
}

/** A layer of the same parts that makes something else of its inputs; one that is replaced is replaced in both. */
const around = <In>(inner: object, forward: (inputs: In) => ReturnType<Model>): Model =>
  nn.layer(shared(inner as Record<string, unknown>), (_, inputs: In) => forward(inputs));

const shared = (inner: Record<string, unknown>): object =>
  Object.defineProperties({}, Object.fromEntries(Object.keys(inner).map((key) => [key, partOf(inner, key)])));

const partOf = (inner: Record<string, unknown>, key: string): PropertyDescriptor => ({
  enumerable: true,
  get: () => inner[key],
  set(part: unknown) {
    inner[key] = part;
  },
});

const classifier = (scores: Scores): Model =>
  around(scores, ({ labels, ...x }: Labelled) => classified(scores(x), labels));
