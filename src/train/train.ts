/**
 * Training as an async iterable of events:
 *
 *   for await (const event of train({ model: gpt2({ n_layer: 4 }), tokenizer, task: languageModeling(), data: { train: text } }))
 *     if (event.event === "step") console.log(event.loss);
 *
 * The caller traces and makes batches; a worker owns the memory and runs. `break`, a thrown error and `signal` stop it
 * within a step; a consumer that stops reading stops the run.
 */
import type { ModelSpec } from "../models/index.ts";
import type { Device } from "../runtime/engine.ts";
import type { Task } from "../tasks/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { checkBase, checkOut, type Mode } from "./check-out.ts";
import type { TrainEvent } from "./events.ts";
import type { Initial } from "./messages.ts";
import { prepare } from "./prepare.ts";
import { run } from "./run.ts";
import type { DataFiles } from "./run-files.ts";
import type { SampleOptions } from "./samples.ts";
import type { TrainingSettings } from "./settings.ts";

export interface TrainOptions<Data> {
  /** An architecture's configuration, whose sizes that follow from tokenizer and task may be left out. */
  readonly model: ModelSpec;
  readonly tokenizer: Tokenizer;
  readonly task: Task<Data>;
  readonly data: Data;
  readonly training?: Partial<TrainingSettings>;
  /** Numbers to start from instead of chance: those of a model folder. */
  readonly from?: Extract<Initial, { readonly from: "folder" }>;
  /** The run's folder: a Hugging Face folder from step 0 on, with checkpoints and events. None: nothing is written. */
  readonly out?: string;
  /** What to do where `out` holds a run: refuse, unless given. */
  readonly mode?: Mode;
  /** What the data is known by when a run goes on; for texts, their size and a hash, unless given. */
  readonly dataFiles?: DataFiles;
  /** What samples begin with, and how they are drawn; one every `training.sampleSteps`. */
  readonly sample?: SampleOptions;
  readonly threads?: number;
  readonly device?: Device;
  readonly signal?: AbortSignal;
}

/**
 * Everything is checked before the first event and before anything is written: settings, sizes, data, memory. Throws a TypeError
 * or RangeError that says what is wrong, the signal's reason when it is aborted (after a checkpoint, where there is a
 * folder), and an Error where a loss is no longer a number.
 */
export async function* train<Data>(options: TrainOptions<Data>): AsyncGenerator<TrainEvent> {
  const { signal, out, mode = "fresh", from } = options;
  signal?.throwIfAborted();
  for (const name of ["model", "tokenizer", "task", "data"] as const) {
    const given = name === "data" ? name in options : options[name] !== undefined; // a task may want no data, and says so
    if (!given) throw new TypeError(`train: ${name} is missing`);
  }
  if (out !== undefined) checkOut(out, mode);
  if (out !== undefined && mode === "overwrite" && from)
    for (const path of [from.path, from.weights ?? from.path]) checkBase(out, path);
  const prepared = await prepare(options);
  try {
    yield* run(prepared, options);
  } finally {
    prepared.dataset.close?.();
  }
}
