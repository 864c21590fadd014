/** What a run's folder tells people: the model card, and the loss curve, brought up to date as the run goes. */
import { basename, join, resolve } from "node:path";
import { writeFileAtomic } from "../formats/index.ts";
import { lossSvg } from "../inspect/index.ts";
import { count } from "../tensor/dtype.ts";
import type { DoneEvent, EvaluationEvent, StepEvent, TrainEvent } from "./events.ts";
import { readEvents } from "./events-file.ts";
import { type Fingerprint, fingerprintText } from "./fingerprint.ts";
import { modelCard, type Results } from "./model-card.ts";
import type { Prepared } from "./prepare.ts";
import type { DataFiles } from "./run-files.ts";
import type { RunFolder } from "./run-folder.ts";
import { exampleOf } from "./samples.ts";
import type { TrainOptions } from "./train.ts";

type Options<Data> = Pick<TrainOptions<Data>, "data" | "dataFiles" | "task" | "from" | "tokenizer">;

/** The files that were named, or what can be said of texts in memory. */
export function filesOf<Data>({ data, dataFiles }: Pick<Options<Data>, "data" | "dataFiles">): DataFiles {
  if (dataFiles) return dataFiles;
  const files: Record<string, Fingerprint[]> = {};
  for (const [part, text] of Object.entries(data as object))
    if (typeof text === "string") files[part] = [fingerprintText(text)];
  return files;
}

export const cardOf = <Data>(out: string, prepared: Prepared, options: Options<Data>, results?: Results): string =>
  modelCard({
    name: basename(resolve(out)),
    task: options.task.name,
    modelType: prepared.spec.architecture.spec.modelType,
    parameters: [...prepared.params.values()].reduce((n, { shape }) => n + count(shape), 0),
    ...(options.from && { base: options.from.path }),
    inTransformers: prepared.spec.architecture.inTransformers !== false,
    data: Object.entries(filesOf(options)).flatMap(([part, files]) => files.map((file) => ({ part, ...file }))),
    settings: { ...prepared.spec.config, ...options.task.settings, ...prepared.settings },
    ...(results && { results }),
    example: prepared.sampling.prompt || exampleOf(options.tokenizer),
  });

/** Follows a run's events, and writes the card at each best evaluation, the card and the curve at the end. */
export function recordOf<Data>({ path, from }: RunFolder, prepared: Prepared, options: Options<Data>) {
  let last: StepEvent | undefined;
  let best: EvaluationEvent | undefined;
  let baselines: DoneEvent["baselines"];
  let before = 0; // seconds before the first step
  const write = () => {
    if (!last) return;
    const { floor } = prepared.dataset;
    const results: Results = {
      step: last.step,
      maxSteps: prepared.settings.maxSteps,
      trainLoss: last.loss,
      ...(best && { best: { step: best.step, loss: best.loss, metrics: best.metrics } }),
      ...(floor !== undefined && { floor }),
      ...(baselines && { baselines }),
      tokensPerSecond: last.tokens_per_second,
      seconds: last.elapsed_ms / 1000 - before,
    };
    writeFileAtomic(join(path, "README.md"), cardOf(path, prepared, options, results));
  };
  const note = (event: TrainEvent) => {
    if (event.event === "step") {
      if (!last) before = event.elapsed_ms / 1000;
      last = event;
    }
    if (event.event === "done") baselines = event.baselines;
    if (event.event === "evaluation" && !(best && best.loss <= event.loss)) best = event;
  };
  if (from) for (const event of readEvents(path)) note(event); // of the run that goes on
  return {
    take(event: TrainEvent): void {
      note(event);
      if (event.event === "evaluation" || event.event === "done") write();
      if (event.event === "done") writeFileAtomic(join(path, "loss.svg"), lossSvg(readEvents(path)));
    },
  };
}
