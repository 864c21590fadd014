/** All that a run needs, checked before it begins: sizes that fit, data opened, the step traced. */
import { build, type Model, type ModelSpec, sized } from "../models/index.ts";
import { namedParams, type Param } from "../nn/index.ts";
import type { Dataset, Task } from "../tasks/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { optimizerOf, type TrainingSettings, trainingSettings } from "./settings.ts";
import { type Traced, traceTraining } from "./trace.ts";

export interface Prepared {
  readonly spec: ModelSpec;
  readonly headName: string;
  readonly model: Model;
  readonly params: ReadonlyMap<string, Param>;
  readonly dataset: Dataset;
  /** With `maxSteps` worked out from `epochs`. */
  readonly settings: TrainingSettings;
  readonly traced: Traced;
}

interface Wanted<Data> {
  readonly model: ModelSpec;
  readonly tokenizer: Tokenizer;
  readonly task: Task<Data>;
  readonly data: Data;
  readonly training?: Partial<TrainingSettings>;
}

/** Throws a TypeError or RangeError that says what does not fit, and with which numbers. */
export async function prepare<Data>({
  model: given,
  tokenizer,
  task,
  data,
  training,
}: Wanted<Data>): Promise<Prepared> {
  const wanted = trainingSettings(training);
  const spec = sized(given, task.requirements(tokenizer));
  const headName = headFor(spec, task.name);
  const model = build(spec, headName);
  const { batchSize, seed, evalBatches, epochs, gradientAccumulationSteps } = wanted;
  const dataset = await task.open(data, tokenizer, { batchSize, seed, evalBatches });
  const perPass = dataset.trainExamples / (batchSize * gradientAccumulationSteps);
  const settings = epochs > 0 ? { ...wanted, maxSteps: Math.max(1, Math.ceil(epochs * perPass)) } : wanted;
  const traced = traceTraining(model, spec, task, optimizerOf(settings));
  return { spec, headName, model, params: namedParams(model), dataset, settings, traced };
}

/** The model's head that a task trains. */
function headFor({ architecture: { heads, spec } }: ModelSpec, task: string): string {
  const found = Object.entries(heads).find(([, head]) => head.task === task);
  if (found) return found[0];
  const tasks = [...new Set(Object.values(heads).map((head) => head.task))].join(", ");
  throw new TypeError(`${spec.modelType}: it has no head for the task "${task}"; it has heads for ${tasks}`);
}
