/** A task: what a batch holds, the loss, the metrics, and how files become batches. */
import type { Model } from "../models/index.ts";
import type { Float, Shape, Tensor, Value } from "../tensor/tensor.ts";
import type { Tokenizer } from "../tokenizers/index.ts";

export type Batch = Readonly<Record<string, Value>>;

/** Rows, ready to be trained on. */
export interface Dataset {
  /** How many training examples one pass has. */
  readonly trainExamples: number;
  /** Tokens (or whatever the speed counts) of one training batch. */
  readonly tokensPerBatch: number;
  /** How many rows a training batch has, where each has as many: a step made for so many is faster. */
  readonly rows?: number;
  /**
   * The `count` batches of update `step`, from 1; none: there is no more data, and the run ends. A run can go on after a
   * kill where they depend on the seed and the step only. Their arrays are fresh: they move to another thread.
   */
  batches(step: number, count: number): readonly Batch[] | Promise<readonly Batch[]>;
  /** Held-out batches with how many labels each holds; undefined where there is no such part. */
  readonly validation?: () => Iterable<Counted> | AsyncIterable<Counted>;
  /**
   * Held-out inputs for which the model is to write texts: at most so many, evenly spread; all unless given. A run asks
   * for some at each evaluation, for all at its end, and puts the scores among the evaluation's metrics.
   */
  readonly exam?: (most?: number) => Exam;
  /** The least loss that any model can have on the validation part, where it is known, in nats a label. */
  readonly floor?: number;
  /** What models that are only counted reach on the validation part, in nats a token, by name: what a run has to beat. */
  readonly baselines?: () => Readonly<Record<string, number>>;
  /** Of the validation text, or of the text that it is a part of. */
  readonly tokensPerCharacter?: number;
  /** What the user should know: a vocabulary that covers little, lines left out. */
  readonly warnings?: readonly string[];
  close?(): void;
}
export interface Counted {
  readonly batch: Batch;
  readonly count: number;
}

/** Inputs, what is written for them, and how good that is. */
export interface Exam {
  readonly inputs: readonly string[];
  /** What should be written. */
  readonly references: readonly string[];
  /** Tokens of each input. */
  readonly lengths: readonly number[];
  /** The model's inputs, some rows at a time: all of `inputs` in their order, an encoder-decoder's source. */
  readonly sources: readonly Batch[];
  readonly writing: Writing;
  /** What was written, from the ids behind `start`. */
  text(ids: readonly number[]): string;
  /** Of a text for each input. */
  score(texts: readonly string[]): Readonly<Record<string, number>>;
}
/** How a text is written, under the names of generation options. */
export interface Writing {
  /** What every text begins with. */
  readonly start: readonly number[];
  readonly eosTokenId: number;
  readonly padTokenId: number;
  readonly maxNewTokens: number;
  readonly suppressTokens: readonly number[];
}

export interface DataOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly evalBatches?: number | undefined;
}

export interface Requirements {
  readonly vocabulary: number;
  readonly positions: number;
  /** Where a source has a vocabulary of its own. */
  readonly sourceVocabulary?: number;
  /** Other fields of `config.json`: labels, special tokens. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface Task<Data = unknown> {
  readonly name: string;
  /** What it was made with: a run that goes on must have the same. */
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /** The batch's tensors: names, types, sizes; words are free. */
  readonly batch: Readonly<Record<string, { readonly dtype: "int64" | "float32"; readonly shape: Shape }>>;
  /**
   * Rows go on where those of the batch before ended: the model's states, carried from batch to batch, are among what `loss`
   * is given, scaled by the batch's `continues` [batch], which is 0 where a row begins anew.
   */
  readonly carries?: boolean;
  /** The mean loss of a batch. */
  loss(model: Model, batch: Readonly<Record<string, Tensor>>): Float;
  /** That of held-out data, where it is another: without what makes training harder, such as label smoothing. */
  evaluationLoss?(model: Model, batch: Readonly<Record<string, Tensor>>): Float;
  /** From the mean loss over held-out data. */
  metrics(loss: number, data: Pick<Dataset, "tokensPerCharacter">): Readonly<Record<string, number>>;
  /** What the model must be able to hold: fields of its configuration that follow from data and task. */
  requirements(tokenizer: Tokenizer): Requirements;
  /** Of what is written, where that is not what reads: saved beside the model as "target_tokenizer". */
  readonly targetTokenizer?: Tokenizer;
  /** What `generation_config.json` says of its models, beside the ids of special tokens. */
  generation?(tokenizer: Tokenizer): Readonly<Record<string, string | number | boolean | readonly number[]>>;
  /** Throws, before anything is written, for data that will not do. */
  open(data: Data, tokenizer: Tokenizer, options: DataOptions): Promise<Dataset>;
}
