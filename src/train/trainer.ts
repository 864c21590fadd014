/**
 * The loop around the step. The caller's side makes batches and decides what happens when; the owner of the memory (a
 * worker) does it. One update is on its way while the caller looks at the last; of short ones another waits behind it, so
 * that the owner need not wait for the caller.
 */

import type { Dataset } from "../tasks/task.ts";
import type { TrainEvent } from "./events.ts";
import type { CheckpointState, Owner, Updated } from "./messages.ts";
import { learningRateOf, seedOf, type TrainingSettings } from "./settings.ts";
import { speedometer } from "./speedometer.ts";
import { untilAborted } from "./until-aborted.ts";

export interface Loop {
  readonly owner: Owner;
  readonly dataset: Dataset;
  readonly settings: TrainingSettings;
  /** Where a resumed run goes on from. */
  readonly from: CheckpointState;
  readonly metrics: (loss: number) => Readonly<Record<string, number>>;
  /** Those of what the model writes for held-out inputs: for some of them, or at the run's end for all. */
  readonly examine?: ((all: boolean) => Promise<Readonly<Record<string, number>>>) | undefined;
  /** A text from the weights as they are. */
  readonly sample?: (step: number) => Promise<string>;
  /** Where checkpoints go, and what makes the folder's weights those of now. */
  readonly folder?: { readonly checkpoints: string; saveWeights(): Promise<void> };
  /** Which layer first held a number that is not finite, after the update of `step` was refused. */
  readonly diagnose: (step: number) => Promise<string>;
  readonly signal?: AbortSignal | undefined;
}

/** The state it ended in, and why, if that was before the last step. */
export interface Ended {
  readonly state: CheckpointState;
  readonly stopped?: "early" | "data";
}

/**
 * Events from the first step to the last checkpoint. An abort lets the running step end, writes a checkpoint, and throws
 * the signal's reason.
 */
export async function* trainLoop(loop: Loop): AsyncGenerator<TrainEvent, Ended> {
  const { owner, dataset, settings, folder, signal } = loop;
  const { maxSteps, gradientAccumulationSteps } = settings;
  const learningRate = learningRateOf(settings);
  const speed = speedometer(dataset.tokensPerBatch * gradientAccumulationSteps);
  let state = loop.from;
  let saved = state.step;
  let noMoreData = false;

  let last: Promise<unknown> = Promise.resolve(); // batches are asked for one after the other
  const send = (step: number): Promise<Updated | undefined> => {
    const batches = last.then(() => untilAborted(dataset.batches(step, gradientAccumulationSteps), signal));
    last = batches.catch(() => {}); // told to who awaits the update
    const updated = batches.then((batches) =>
      batches.length === 0
        ? undefined
        : owner.update(batches, { lr: learningRate(step), seed: seedOf(settings, step) }),
    );
    updated.catch(() => {}); // told when it is awaited
    return updated;
  };
  const due = (interval: number, step = state.step) =>
    noMoreData || step === maxSteps || (interval > 0 && step % interval === 0);
  const evaluates = (step = state.step) =>
    dataset.validation !== undefined && state.evaluated !== step && due(settings.evalSteps, step);
  const samples = (step?: number) => loop.sample !== undefined && due(settings.sampleSteps, step);
  const saves = (step?: number) => folder !== undefined && due(settings.saveSteps, step);
  /** Whether the owner must hold still after this step. */
  const still = (step: number) => evaluates(step) || samples(step) || saves(step);
  const exhausted = () => settings.earlyStoppingPatience > 0 && state.patience >= settings.earlyStoppingPatience;

  const diagnosed = async ({ message }: Error, step = state.step) =>
    new Error(`${message}; ${await loop.diagnose(step)}`);

  const sample = (step: number): Promise<string> =>
    loop.sample!(step).catch(async ({ message }: Error) => {
      throw await diagnosed(new Error(`train: step ${step}: no sample: ${message}`));
    });

  async function* save(): AsyncGenerator<TrainEvent> {
    if (!folder || saved === state.step) return;
    saved = state.step;
    if (!state.best) await folder.saveWeights();
    const path = await owner.save(folder.checkpoints, state, settings.saveTotalLimit);
    yield { event: "checkpoint", step: saved, path };
  }
  async function* evaluate(): AsyncGenerator<TrainEvent> {
    const { step } = state;
    const loss = await meanLoss(owner, dataset, signal);
    if (!Number.isFinite(loss)) throw await diagnosed(new Error(`train: step ${step}: the validation loss is ${loss}`));
    const better = state.best === undefined || loss < state.best.loss;
    state = better
      ? { ...state, best: { step, loss }, patience: 0, evaluated: step }
      : { ...state, patience: state.patience + 1, evaluated: step };
    if (better) await folder?.saveWeights();
    if (dataset.floor !== undefined && loss < LEAK * dataset.floor)
      yield { event: "warning", message: leak(loss, dataset.floor) };
    const written = await loop.examine?.(noMoreData || step === maxSteps);
    yield { event: "evaluation", step, loss, metrics: { ...loop.metrics(loss), ...written } };
  }

  try {
    if (state.step > 0 && evaluates()) yield* evaluate(); // interrupted in it
    const ahead: ReturnType<typeof send>[] = []; // of the steps after `state.step`
    let [began, isShort] = [performance.now(), false];
    const sendAhead = () => {
      while (ahead.length < (isShort ? 2 : 1)) {
        const step = state.step + ahead.length; // done or on its way
        if (step === maxSteps || (step > state.step && (signal?.aborted || still(step)))) return;
        ahead.push(send(step + 1));
      }
    };
    while (state.step < maxSteps && !exhausted()) {
      const step = state.step + 1;
      sendAhead();
      const updated = await ahead.shift()!.catch(async (error: Error) => {
        throw error.name === "NonFinite" ? await diagnosed(error, step) : error;
      });
      if (!updated) {
        if (step === 1) throw new Error("train: the data has no batch for step 1");
        noMoreData = true;
        if (evaluates()) yield* evaluate();
        break;
      }
      state = { ...state, step };
      speed.count();
      const now = performance.now();
      [began, isShort] = [now, now - began < SHORT];
      const holds = still(step);
      if (!holds && !signal?.aborted) sendAhead();
      if (step === 1 || due(settings.loggingSteps)) {
        const { elapsed_ms, tokens_per_second } = speed.read();
        const { loss, gradNorm } = updated;
        const learning_rate = learningRate(step);
        yield { event: "step", step, loss, learning_rate, grad_norm: gradNorm, tokens_per_second, elapsed_ms };
      }
      if (ahead.length === 0) signal?.throwIfAborted(); // what is on its way is done, and counts
      if (!holds) continue;
      if (evaluates()) yield* evaluate();
      if (samples()) yield { event: "sample", step, text: await sample(step) };
      if (saves()) yield* save();
      speed.resume();
      began = performance.now();
    }
  } catch (error) {
    if (signal?.aborted) yield* save();
    throw error;
  }
  yield* save();
  if (noMoreData) return { state, stopped: "data" };
  return exhausted() && state.step < maxSteps ? { state, stopped: "early" } : { state };
}

const SHORT = 100; // milliseconds of a step

const LEAK = 0.98; // chance moves a loss on little data by less

const leak = (loss: number, floor: number) =>
  `the validation loss ${loss.toFixed(4)} is below ${floor.toFixed(4)}, the least that any model can have on this data: something of the answers leaks into what the model reads`;

/** Over the whole validation part, each label counted once. */
async function meanLoss(owner: Owner, { validation }: Dataset, signal: AbortSignal | undefined): Promise<number> {
  let [total, labels] = [0, 0];
  for await (const { batch, count } of validation!()) {
    signal?.throwIfAborted();
    total += (await owner.evaluate(batch)) * count;
    labels += count;
  }
  return total / labels;
}
