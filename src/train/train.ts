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
import { count } from "../tensor/dtype.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { finitenessProbe, firstBad } from "./bad-layer.ts";
import type { TrainEvent } from "./events.ts";
import type { Initial, Work } from "./messages.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { openRemote, type Remote } from "./remote.ts";
import { seedOf, type TrainingSettings } from "./settings.ts";
import { trainLoop } from "./trainer.ts";

export interface TrainOptions<Data> {
  /** An architecture's configuration, whose sizes that follow from tokenizer and task may be left out. */
  readonly model: ModelSpec;
  readonly tokenizer: Tokenizer;
  readonly task: Task<Data>;
  readonly data: Data;
  readonly training?: Partial<TrainingSettings>;
  /** Numbers to start from instead of chance: those of a model folder. */
  readonly from?: Extract<Initial, { readonly from: "folder" }>;
  readonly threads?: number;
  readonly device?: Device;
  readonly signal?: AbortSignal;
}

/**
 * Everything is checked before the first event: settings, sizes, data. Throws a TypeError or RangeError that says what
 * is wrong, the signal's reason when it is aborted, and an Error where a loss is no longer a number.
 */
export async function* train<Data>(options: TrainOptions<Data>): AsyncGenerator<TrainEvent> {
  options.signal?.throwIfAborted();
  const prepared = await prepare(options);
  const owner = openRemote(workOf(prepared, options));
  try {
    yield* run(prepared, owner, options);
  } finally {
    owner.stop();
    await owner.close();
    prepared.dataset.close?.();
  }
}

async function* run<Data>(
  prepared: Prepared,
  owner: Remote,
  { task, signal }: TrainOptions<Data>,
): AsyncGenerator<TrainEvent> {
  const { settings, dataset, params, spec } = prepared;
  yield {
    event: "start",
    parameters: [...params.values()].reduce((n, { shape }) => n + count(shape), 0),
    task: task.name,
    model: spec.architecture.spec.modelType,
    train_examples: dataset.trainExamples,
    step: 0,
    max_steps: settings.maxSteps,
    ...(dataset.floor !== undefined && { floor: dataset.floor }),
  };
  for (const message of dataset.warnings ?? []) yield { event: "warning", message };
  const state = yield* trainLoop({
    owner,
    dataset,
    settings,
    from: { step: 0, patience: 0 },
    metrics: task.metrics,
    diagnose: (step) => diagnose(prepared, owner, step),
    signal,
  });
  yield {
    event: "done",
    step: state.step,
    ...(state.best && { best: state.best }),
    ...(state.step < settings.maxSteps && { stopped: "early" }),
  };
}

function workOf(
  { traced, params, settings }: Prepared,
  { from, threads, device }: Pick<TrainOptions<unknown>, "from" | "threads" | "device">,
): Work {
  const values = Object.fromEntries([...params].map(([name, { init }]) => [name, init]));
  return {
    plan: traced.plan,
    evaluation: traced.evaluation,
    initial: from ?? { from: "chance", seed: settings.seed, values },
    options: {
      ...(threads !== undefined && { threads }),
      ...(device !== undefined && { device }),
      ...(settings.maxGradNorm > 0 && { maxGradNorm: settings.maxGradNorm }),
    },
  };
}

/** The step again, looking at every value: where was the first number that is not finite? */
async function diagnose({ traced, dataset, params, settings }: Prepared, owner: Remote, step: number): Promise<string> {
  const { program, places } = finitenessProbe(traced.loss, traced.inputs, [...params.values()]);
  const [batch] = await dataset.batches(step, settings.gradientAccumulationSteps);
  return firstBad(places, await owner.probe(program, batch!, seedOf(settings, step)));
}
