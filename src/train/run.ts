/** One run, prepared: in a worker, into a folder where there is one. */
import { join } from "node:path";
import { freshWarning } from "../hub/index.ts";
import { threadsFor } from "../runtime/threads.ts";
import { count } from "../tensor/dtype.ts";
import { saveTokenizer, type Tokenizer } from "../tokenizers/index.ts";
import { noTokenizer } from "../tokenizers/none.ts";
import { finitenessProbe, firstBad } from "./bad-layer.ts";
import type { TrainEvent } from "./events.ts";
import { openEvents } from "./events-file.ts";
import { EXAMINED, examine, writeAll } from "./examine.ts";
import { int8Gain, int8Warning } from "./int8-gain.ts";
import type { CheckpointState, Work } from "./messages.ts";
import type { Prepared } from "./prepare.ts";
import { cardOf, filesOf, recordOf } from "./record.ts";
import { openRemote, type Remote } from "./remote.ts";
import { generationFile, settingsFile, TARGET_TOKENIZER } from "./run-files.ts";
import { prepareRun, type RunFolder } from "./run-folder.ts";
import { sampler } from "./samples.ts";
import { seedOf } from "./settings.ts";
import type { TrainOptions } from "./train.ts";
import { trainLoop } from "./trainer.ts";

/** Nothing is written before memory and sessions are open. */
export async function* run<Data>(prepared: Prepared, options: TrainOptions<Data>): AsyncGenerator<TrainEvent> {
  const owner = openRemote(workOf(prepared, options));
  try {
    await owner.ready();
    options.signal?.throwIfAborted();
    yield* recorded(prepared, owner, options);
  } finally {
    owner.stop();
    await owner.close();
  }
}

async function* recorded<Data>(
  prepared: Prepared,
  owner: Remote,
  options: TrainOptions<Data>,
): AsyncGenerator<TrainEvent> {
  using folder = await openFolderOf(prepared, options);
  using events = folder && openEvents(folder.path, { keepUpTo: folder.from?.step });
  const record = folder && recordOf(folder, prepared, options);
  for await (const event of eventsOf(folder, prepared, owner, options)) {
    events?.append(event);
    record?.take(event);
    yield event;
  }
}

/** Throws before anything is written where the folder holds another run, or cannot be written. */
async function openFolderOf<Data>(prepared: Prepared, options: TrainOptions<Data>): Promise<RunFolder | undefined> {
  const { out, mode = "fresh", from, tokenizer, task, threads, device } = options;
  if (out === undefined) return undefined;
  return prepareRun(out, mode, {
    settings: settingsFile(prepared, {
      base: from?.path,
      tokenizer,
      task,
      dataFiles: filesOf(options),
      threads,
      device,
    }),
    generation: generationFile(task.targetTokenizer ?? tokenizer, task.generation?.(tokenizer)),
    card: cardOf(out, prepared, options),
    async saveTokenizer(folder) {
      if (tokenizer !== noTokenizer) await saveTokenizer(folder, tokenizer);
      if (task.targetTokenizer) await saveTokenizer(join(folder, TARGET_TOKENIZER), task.targetTokenizer);
    },
  });
}

async function* eventsOf<Data>(
  folder: RunFolder | undefined,
  prepared: Prepared,
  owner: Remote,
  options: TrainOptions<Data>,
): AsyncGenerator<TrainEvent> {
  const { task, signal, tokenizer } = options;
  const { settings, dataset, params, spec, traced } = prepared;
  const weights = folder && join(folder.path, "model.safetensors");
  const from: CheckpointState = folder?.from ? await owner.load(folder.from.path) : { step: 0, patience: 0 };
  if (weights && !folder.from) await owner.saveWeights(weights);
  yield {
    event: "start",
    parameters: [...params.values()].reduce((n, { shape }) => n + count(shape), 0),
    task: task.name,
    model: spec.architecture.spec.modelType,
    train_examples: dataset.trainExamples,
    step: from.step,
    max_steps: settings.maxSteps,
    ...(dataset.floor !== undefined && { floor: dataset.floor }),
  };
  for (const message of [...untrained(folder, prepared, options), ...(dataset.warnings ?? [])])
    yield { event: "warning", message };
  const slow = settings.precision === "int8" ? int8Warning(await int8Gain(engineOptions(options))) : undefined;
  if (slow !== undefined) yield { event: "warning", message: slow };
  const { state, stopped } = yield* trainLoop({
    owner,
    dataset,
    settings,
    from,
    metrics: (loss) => task.metrics(loss, dataset),
    ...(settings.sampleSteps > 0 && traced.decoder && { sample: sampleOf(prepared, owner, tokenizer) }),
    ...(dataset.exam && { examine: (all) => examine(owner, dataset.exam!(all ? undefined : EXAMINED), signal) }),
    ...(folder && { folder: { checkpoints: folder.checkpoints, saveWeights: () => owner.saveWeights(weights!) } }),
    diagnose: (step) => diagnose(prepared, owner, step),
    signal,
  });
  yield {
    event: "done",
    step: state.step,
    ...(state.best && { best: state.best }),
    ...(state.best && dataset.baselines && { baselines: dataset.baselines() }),
    ...(folder && { path: folder.path }),
    ...(stopped && { stopped }),
  };
}

/** A run that begins with a folder made for another head says what that has not. */
function untrained<Data>(
  folder: RunFolder | undefined,
  { headName }: Prepared,
  { from }: TrainOptions<Data>,
): readonly string[] {
  const fresh = from && !folder?.from && freshWarning(from.path, headName, Object.keys(from.fresh?.values ?? {}));
  return fresh ? [fresh] : [];
}

/** A model that reads a source shows what it writes for one that is held out. */
function sampleOf({ dataset, settings, sampling }: Prepared, owner: Remote, tokenizer: Tokenizer) {
  if (!dataset.exam) return sampler(owner, tokenizer, settings.seed, sampling);
  return async (): Promise<string> => {
    const exam = dataset.exam!(1);
    const [text] = await writeAll(owner, exam);
    return `${exam.inputs[0]} → ${text}`;
  };
}

export function workOf<Data>({ traced, params, settings, dataset }: Prepared, options: TrainOptions<Data>): Work {
  const values = Object.fromEntries([...params].map(([name, { init }]) => [name, init]));
  const weights = [...params.values()].reduce((n, { shape }) => n + count(shape), 0);
  const flops = 6 * weights * dataset.tokensPerBatch; // of a step (Kaplan et al. 2020, arXiv:2001.08361, §2.1)
  const { plan, evaluation, decoder } = traced;
  return {
    plan,
    evaluation,
    decoder,
    initial: options.from ?? { from: "chance", seed: settings.seed, values },
    options: {
      threads: threadsFor(flops),
      ...engineOptions(options),
      ...(settings.maxGradNorm > 0 && { maxGradNorm: settings.maxGradNorm }),
    },
  };
}

const engineOptions = <Data>({ threads, device }: TrainOptions<Data>) => ({
  ...(threads !== undefined && { threads }),
  ...(device !== undefined && { device }),
});

/** The step again, looking at every value: where was the first number that is not finite? */
async function diagnose({ traced, dataset, params, settings }: Prepared, owner: Remote, step: number): Promise<string> {
  const { program, places } = finitenessProbe(traced.loss, traced.inputs, [...params.values()]);
  const [batch] = await dataset.batches(step, settings.gradientAccumulationSteps);
  return firstBad(places, await owner.probe(program, batch!, seedOf(settings, step)));
}
