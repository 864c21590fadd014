/** `train --profile`: what a step costs, layer by layer, as a table before training and a page in the run's folder. */
import { join } from "node:path";
import { writeFileAtomic } from "../formats/index.ts";
import { foldRepeats, profilePage, type TrainingProfile, totalOf } from "../inspect/index.ts";
import { flushDenormals } from "../runtime/denormals.ts";
import { profile, type TrainOptions, trainingSettings } from "../train/index.ts";
import type { Context } from "./context.ts";
import { checked } from "./errors.ts";
import { table } from "./ui/table.ts";
import { bytes, count } from "./ui/words.ts";

const FILE = "profile.html";
const SHOWN = 20; // layers

/** Measures and prints; gives what writes the page into the run's folder, once there is one. */
export async function profileFirst<Data>(
  wanted: TrainOptions<Data>,
  context: Context,
): Promise<(folder: string) => void> {
  context.log("profile: a few steps, layer by layer …");
  await flushDenormals(); // a worker that trains inherits it from this thread
  const measured = await checked(() => profile(wanted));
  context.result({ event: "profile", ...measured });
  context.print(`${inWords(measured)}\n`);
  const { model, task, training, threads } = wanted;
  const what = [
    model.architecture.spec.modelType,
    task.name,
    ...(training?.precision === "int8" ? ["int8"] : []),
    `batches of ${trainingSettings(training).batchSize}`,
    threads ? `${count(threads)} ${threads === 1 ? "thread" : "threads"}` : "all cores",
  ];
  return (folder) =>
    writeFileAtomic(join(folder, FILE), profilePage(measured, { title: "A training step", subtitle: what.join(", ") }));
}

function inWords({ ms, peak, steps, layers }: TrainingProfile): string {
  const total = totalOf(ms);
  const share = (part: number) => `${((100 * part) / total).toFixed(1)} %`;
  const two = (x: number) => (x >= 0.005 ? x.toFixed(2) : "");
  const rows = foldRepeats(layers)
    .sort((a, b) => totalOf(b.ms) - totalOf(a.ms))
    .slice(0, SHOWN)
    .map(({ path, copies, ms, kept, parameters }) => [
      path === "" ? "(loss and other)" : path,
      copies > 1 ? `${copies} x` : "",
      ...[ms.forward, ms.backward, ms.update, totalOf(ms)].map(two),
      share(totalOf(ms)),
      kept > 0 ? bytes(kept) : "",
      parameters > 0 ? count(parameters) : "",
    ]);
  const whole = ["all", "", ...[ms.forward, ms.backward, ms.update, total].map(two), "", "", ""];
  const head = ["layer", "", "forward", "backward", "update", "ms", "share", "keeps", "parameters"];
  return `${table([head, ...rows, whole], "lrrrrrrrr")}\nmilliseconds, medians of ${steps} steps; up to ${bytes(peak)} of intermediate values at once`;
}
