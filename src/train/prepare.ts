/** All that a run needs, checked before it begins: sizes that fit, data opened, the step traced. */
import { checkMemory } from "../hub/index.ts";
import { build, headFor, type Model, type ModelSpec, sized } from "../models/index.ts";
import { namedParams, type Param } from "../nn/index.ts";
import type { Dataset, Task } from "../tasks/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { type SampleOptions, type Sampling, samplingOf } from "./samples.ts";
import { optimizerOf, scheduled, type TrainingSettings, trainingSettings } from "./settings.ts";
import { type Traced, traceTraining } from "./trace.ts";

export interface Prepared {
  readonly spec: ModelSpec;
  readonly headName: string;
  readonly model: Model;
  readonly params: ReadonlyMap<string, Param>;
  readonly dataset: Dataset;
  /** With `maxSteps` worked out from `epochs`. */
  readonly settings: TrainingSettings;
  readonly sampling: Sampling;
  readonly traced: Traced;
}

interface Wanted<Data> {
  readonly model: ModelSpec;
  readonly tokenizer: Tokenizer;
  readonly task: Task<Data>;
  readonly data: Data;
  readonly training?: Partial<TrainingSettings>;
  readonly sample?: SampleOptions;
}

const COPIES = { sgd: 2, adam: 4, adamw: 4 }; // of the parameters, at least: weights, gradients, the optimizer's own

/** Throws a TypeError or RangeError that says what does not fit, and with which numbers. */
export async function prepare<Data>({
  model: given,
  tokenizer,
  task,
  data,
  training,
  sample,
}: Wanted<Data>): Promise<Prepared> {
  const wanted = trainingSettings(training);
  const spec = sized(given, task.requirements(tokenizer));
  const headName = headFor(spec, task.name);
  const model = build(spec, headName);
  checkMemory(spec.architecture.spec.modelType, model, { copies: COPIES[wanted.optim] });
  const sampling = samplingOf(tokenizer, sample);
  const { batchSize, seed, evalBatches, gradientAccumulationSteps } = wanted;
  const dataset = await task.open(data, tokenizer, { batchSize, seed, evalBatches });
  if (wanted.earlyStoppingPatience > 0 && !dataset.validation)
    throw new TypeError("training: earlyStoppingPatience is given, but no validation data that it could look at");
  const settings = scheduled(wanted, dataset.trainExamples / (batchSize * gradientAccumulationSteps));
  const traced = traceTraining(model, spec, task, optimizerOf(settings), {
    precision: settings.precision,
    batchSize,
    rows: dataset.rows,
  });
  return { spec, headName, model, params: namedParams(model), dataset, settings, sampling, traced };
}
