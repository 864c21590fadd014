/**
 * Training steps whose speed is measured, by `bench` here and beside other systems in `bench/`: models without dropout on
 * one batch of drawn ids, through `train` as users run it.
 */
import { performance } from "node:perf_hooks";
import { bert, forward, gpt2, lstm, type ModelSpec, seq2seq } from "../models/index.ts";
import { below, keyOf } from "../random.ts";
import { type Batch, languageModeling, type Task, translation } from "../tasks/index.ts";
import { byteTokenizer } from "../tokenizers/index.ts";
import { type TrainingSettings, type TrainOptions, train } from "../train/index.ts";
import { UserError } from "./errors.ts";

export interface Case {
  readonly batch: number;
  /** Tokens in a row. */
  readonly time: number;
  readonly vocabulary: number;
  /** Steps before the measured ones, and those. */
  readonly warm: number;
  readonly steps: number;
  /** Of these sizes, without dropout. */
  readonly model: ModelSpec;
  /** The batch's tensors are all of ids [batch, time], or of one of two classes [batch]. */
  readonly task: Task<never>;
  /** What a peer must know to build the same model, beside its weights' names and sizes. */
  readonly told: Readonly<Record<string, string>>;
}

type Run = Pick<Case, "batch" | "time" | "warm" | "steps">;

function gpt(sizes: Run & { width: number; heads: number; layers: number; vocabulary?: number }): Case {
  const { time, width, heads, layers, vocabulary = 65 } = sizes;
  const model = gpt2({
    ...{ vocab_size: vocabulary, n_positions: time, n_embd: width, n_layer: layers, n_head: heads },
    ...{ embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 },
  });
  return { ...sizes, vocabulary, model, task: languageModeling({ blockSize: time }), told: { heads: String(heads) } };
}

function charLstm(sizes: Run & { embedding: number; hidden: number }): Case {
  const { embedding: embedding_size, hidden: hidden_size } = sizes;
  const model = lstm({ vocab_size: 65, embedding_size, hidden_size, num_layers: 2 });
  return { ...sizes, vocabulary: 65, model, task: languageModeling({ blockSize: sizes.time }), told: {} };
}

/** Bahdanau et al. 2015 with teacher forcing: rows of full length, so no mask. */
function attentionGru(sizes: Run & { embedding: number; hidden: number; vocabulary: number }): Case {
  const { embedding: embedding_size, hidden: hidden_size, vocabulary } = sizes;
  const model = seq2seq({
    ...{ source_vocab_size: vocabulary, target_vocab_size: vocabulary, embedding_size, hidden_size, dropout: 0 },
  });
  const ids = { dtype: "int64", shape: ["batch", "time"] } as const;
  const task: Task<never> = {
    ...translation(),
    batch: { input_ids: { dtype: "int64", shape: ["batch", "source"] }, decoder_input_ids: ids, labels: ids },
    loss: (model, inputs) => forward(model, inputs).loss!,
  };
  return { ...sizes, model, task, told: {} };
}

/** Two classes of texts, from a BERT with BERT's vocabulary and positions. */
function classifier(sizes: Run & { width: number; heads: number; layers: number; inner: number }): Case {
  const { width, heads, layers, inner } = sizes;
  const model = bert({
    ...{ hidden_size: width, num_attention_heads: heads, num_hidden_layers: layers, intermediate_size: inner },
    ...{ vocab_size: 30_522, max_position_embeddings: 512, hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 },
  });
  const task: Task<never> = {
    ...languageModeling({ blockSize: sizes.time }),
    name: "text-classification",
    batch: {
      input_ids: { dtype: "int64", shape: ["batch", "time"] },
      labels: { dtype: "int64", shape: ["batch"] },
    },
    loss: (model, inputs) => forward(model, inputs)["loss"]!,
  };
  return { ...sizes, vocabulary: 30_000, model, task, told: { heads: String(heads) } };
}

export const cases: Readonly<Record<string, Case>> = {
  gpt_tiny: gpt({ batch: 16, time: 32, width: 64, heads: 2, layers: 2, warm: 20, steps: 80 }),
  /** nanoGPT's README recipe for a laptop. */
  gpt_cpu: gpt({ batch: 12, time: 64, width: 128, heads: 4, layers: 4, warm: 10, steps: 30 }),
  /** nanoGPT's train_shakespeare_char, at batch 8. */
  gpt_baby: gpt({ batch: 8, time: 256, width: 384, heads: 6, layers: 6, warm: 3, steps: 5 }),
  gpt_wide: gpt({ batch: 4, time: 256, width: 768, heads: 12, layers: 4, vocabulary: 8000, warm: 2, steps: 4 }),
  /** char-rnn's defaults. */
  lstm_char: charLstm({ batch: 50, time: 50, embedding: 128, hidden: 128, warm: 10, steps: 30 }),
  lstm_512: charLstm({ batch: 32, time: 64, embedding: 256, hidden: 512, warm: 3, steps: 6 }),
  nmt_gru: attentionGru({ batch: 64, time: 15, embedding: 256, hidden: 512, vocabulary: 6000, warm: 2, steps: 5 }),
  bert_mini: classifier({ batch: 16, time: 64, width: 256, heads: 4, layers: 4, inner: 1024, warm: 5, steps: 10 }),
  minilm: classifier({ batch: 16, time: 128, width: 384, heads: 12, layers: 6, inner: 1536, warm: 2, steps: 5 }),
  bert_base: classifier({ batch: 8, time: 128, width: 768, heads: 12, layers: 12, inner: 3072, warm: 1, steps: 3 }),
};

/** Throws a UserError that lists the cases there are. */
export function caseOf(name: string): Case {
  if (Object.hasOwn(cases, name)) return cases[name]!;
  throw new UserError(`bench: there is no case "${name}" yet`, {
    remedy: `there are ${Object.keys(cases).join(", ")}`,
  });
}

/** The head that is trained. */
export function headOf({ model, task }: Case): string {
  const heads = Object.entries(model.architecture.heads);
  return (heads.find(([, head]) => head.task === task.name) ?? heads[0]!)[0];
}

/** The same ids for a case everywhere; labels are drawn too, so that nothing can be learned but the batch itself. */
export function batchOf({ batch, time, vocabulary, task }: Case): Batch {
  const value = (name: string, perRow: boolean) => {
    const [dims, most] = perRow ? [[batch], 2] : [[batch, time], vocabulary];
    const draw = (_: unknown, i: number) => BigInt(below(most, keyOf(0, name), i));
    return { dtype: "int64", dims, data: BigInt64Array.from({ length: perRow ? batch : batch * time }, draw) } as const;
  };
  return Object.fromEntries(
    Object.entries(task.batch).map(([name, { shape }]) => [name, value(name, shape.length === 1)]),
  );
}

export const settings = {
  learningRate: 3e-4,
  lrSchedulerType: "constant",
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  weightDecay: 0.01,
  maxGradNorm: 0,
  loggingSteps: 1,
} as const satisfies Partial<TrainingSettings>;

export interface Step {
  /** Since the step before was done; of the first, since the call. */
  readonly ms: number;
  /** Before the update. */
  readonly loss: number;
}

type Options = Pick<TrainOptions<undefined>, "from" | "threads" | "device" | "signal"> &
  Partial<Pick<TrainingSettings, "precision">>;

/** `steps` updates of the case, each as it is done; from drawn weights unless `from` says where others are. */
export async function* trainSteps(
  given: Case,
  steps: number,
  { precision = "float32", ...options }: Options = {},
): AsyncGenerator<Step> {
  let last = performance.now();
  const run = train({
    model: given.model,
    tokenizer: byteTokenizer(),
    task: sameBatch(given),
    data: undefined,
    training: { ...settings, precision, batchSize: given.batch, maxSteps: steps },
    ...options,
  });
  for await (const event of run) {
    if (event.event !== "step") continue;
    const now = performance.now();
    yield { ms: now - last, loss: event.loss };
    last = now;
  }
}

/** The case's task, whose every batch is the case's. */
export function sameBatch(given: Case): Task<undefined> {
  const { batch, time, vocabulary, task } = given;
  const values = Object.entries(batchOf(given));
  const fresh = () => Object.fromEntries(values.map(([name, x]) => [name, { ...x, data: x.data.slice() }])) as Batch;
  return {
    ...task,
    requirements: () => ({ vocabulary, positions: time }),
    open: async () => ({
      trainExamples: batch,
      tokensPerBatch: batch * time,
      rows: batch,
      batches: (_, count) => Array.from({ length: count }, fresh),
    }),
  };
}

export { median } from "../runtime/median.ts";
