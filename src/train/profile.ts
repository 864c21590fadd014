/** What a run's training step costs, layer by layer, measured on its first batch before it begins. Nothing is written. */
import { performance } from "node:perf_hooks";
import { type TrainingProfile, trainingProfile } from "../inspect/profile.ts";
import { SEED } from "../onnx/lower.ts";
import type { Values } from "../runtime/engine.ts";
import { profileProgram } from "../runtime/profile.ts";
import { createState, type State } from "../runtime/state.ts";
import type { Batch } from "../tasks/task.ts";
import { count } from "../tensor/dtype.ts";
import { openUpdates } from "./apply.ts";
import { createCarrier } from "./carrier.ts";
import { initialize } from "./initialize.ts";
import { parametersOf } from "./learner.ts";
import { names, type Plan } from "./plan.ts";
import { prepare } from "./prepare.ts";
import { seedOf } from "./settings.ts";
import type { TrainOptions } from "./train.ts";

interface ProfileOptions {
  /** As many steps, but no more than about `seconds` allow. */
  readonly steps?: number;
  readonly seconds?: number;
}

/**
 * Times the step that `train` would do with these options, from drawn weights, natively (Node).
 * Throws what `train` throws before its first event, and a TypeError for another device than "cpu".
 */
export async function profile<Data>(
  options: TrainOptions<Data>,
  { steps = 20, seconds = 10 }: ProfileOptions = {},
): Promise<TrainingProfile> {
  const { device = "cpu", threads = 0 } = options;
  if (device !== "cpu") throw new TypeError(`profile: only the device cpu tells its nodes' times, not ${device}`);
  const { dataset, settings, params, traced } = await prepare(options);
  try {
    const [batch] = await dataset.batches(1, 1);
    if (!batch) throw new Error("profile: the data has no batch");
    using state = createState(parametersOf(traced.plan));
    initialize(state, Object.fromEntries([...params].map(([name, { init }]) => [name, init])), settings.seed);
    const feeds = feedsOf(traced.plan, state, batch, seedOf(settings, 1));
    const program = await profileProgram(traced.plan.gradients, feeds, { threads, runs: steps, seconds });
    const learned = traced.plan.parameters.filter(({ update }) => update !== undefined);
    return trainingProfile(program, {
      ms: await timeUpdate(traced.plan, state, threads),
      sizes: new Map(learned.map(({ name, dims }) => [name, count(dims)])),
    });
  } finally {
    dataset.close?.();
  }
}

function feedsOf({ gradients, carried }: Plan, state: State, batch: Batch, seed: number): Values {
  const known: Record<string, Values[string]> = { ...createCarrier(carried).feeds };
  known[SEED] = { dtype: "uint32", dims: [], data: Uint32Array.of(seed) };
  for (const [name, slice] of state.array("weight")) known[names.parameter(name)] = slice;
  for (const [name, value] of Object.entries(batch)) known[names.batch(name)] = value;
  return Object.fromEntries(gradients.inputs.map(({ name }) => [name, known[name]!]));
}

const ROUNDS = 5;

/** Milliseconds: the least, since nothing in it waits for anything. */
async function timeUpdate(plan: Plan, state: State, threads: number): Promise<number> {
  const updates = await openUpdates(plan, state, { threads });
  let least = Number.POSITIVE_INFINITY;
  for (let t = 1; t <= ROUNDS; t++) {
    const start = performance.now();
    updates.gradientNorm();
    await updates.apply({ lr: 0, t, scale: 1, limit: Number.POSITIVE_INFINITY });
    least = Math.min(least, performance.now() - start);
  }
  await updates.close();
  return least;
}
