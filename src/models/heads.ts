/** The task heads that encoders have: for each, the task that trains it and what it may be given. */
import type { Head, InputSpec, Model } from "./architecture.ts";
import type { ConfigOf } from "./config.ts";
import type { labelFields } from "./losses.ts";

type Inputs = Readonly<Record<string, InputSpec>>;
type Build<C> = (config: C) => Model;
type Labels = ConfigOf<typeof labelFields>;

const perToken: InputSpec = { dtype: "int64", shape: ["batch", "time"] };
const perRow: InputSpec = { dtype: "int64", shape: ["batch"] };

/** Heads of a model whose body takes these inputs. */
export function headsOf(inputs: Inputs) {
  const head =
    (task: string, more: Inputs = {}) =>
    <C>(build: Build<C>): Head<C> => ({ build, task, inputs: () => ({ ...inputs, ...more }) });
  return {
    /** The body alone: last_hidden_state, and pooler_output where there is a pooler. */
    bare: head("feature-extraction"),
    maskedLm: head("masked-language-modeling", { labels: perToken }),
    /** Masked tokens, and whether the second text follows the first. */
    pretraining: head("pretraining", { labels: perToken, next_sentence_label: perRow }),
    sentenceOrder: head("sentence-order-pretraining", { labels: perToken, sentence_order_label: perRow }),
    nextSentence: head("next-sentence-prediction", { labels: perRow }),
    replacedTokens: head("replaced-token-detection", { labels: perToken }),
    tokenClassification: head("token-classification", { labels: perToken }),
    questionAnswering: head("question-answering", { start_positions: perRow, end_positions: perRow }),
    sequenceClassification: <C extends Labels>(build: Build<C>): Head<C> => ({
      build,
      task: "text-classification",
      inputs: (config) => ({ ...inputs, labels: sequenceLabels(config) }),
    }),
    multipleChoice: <C>(build: Build<C>): Head<C> => ({
      build,
      task: "multiple-choice",
      inputs: () => ({ ...Object.fromEntries(Object.entries(inputs).map(withChoices)), labels: perRow }),
    }),
  };
}

/** What labels are, by `problem_type`: classes, numbers, or a 0 or 1 for each class; without it, what their axes say. */
function sequenceLabels({ num_labels, problem_type }: Labels): InputSpec {
  const regression = problem_type === "regression" || (problem_type === null && num_labels === 1);
  if (regression && num_labels === 1) return { dtype: "float32", shape: ["batch"] };
  const perClass: InputSpec = { dtype: "float32", shape: ["batch", num_labels] };
  if (regression || problem_type === "multi_label_classification") return perClass;
  return problem_type === null ? { ...perRow, or: perClass } : perRow;
}

const withChoices = ([name, { dtype, shape }]: [string, InputSpec]): [string, InputSpec] => [
  name,
  { dtype, shape: shape.flatMap((size) => (size === "batch" ? ["batch", "choices"] : [size])) },
];
