/** The settings of a training run, under `training` in code and as flags on the command line: defaults and checks. */
import { nearest } from "../models/index.ts";
import type { Precision } from "../onnx/lower.ts";
import {
  adam,
  adamw,
  noDecayForBiasesAndNorms,
  type OptimizerOf,
  type Schedule,
  type ScheduleName,
  schedules,
  sgd,
} from "../optim/index.ts";
import { keyOf } from "../random.ts";

export interface TrainingSettings {
  readonly batchSize: number;
  /** Updates in all. Given instead of `epochs`, or computed from it. */
  readonly maxSteps: number;
  /** Passes over the training part; 0: `maxSteps` decides. */
  readonly epochs: number;
  readonly learningRate: number;
  /** Where the schedule ends. */
  readonly minLearningRate: number;
  readonly lrSchedulerType: ScheduleName;
  readonly warmupSteps: number;
  readonly optim: "adamw" | "adam" | "sgd";
  readonly weightDecay: number;
  readonly adamBeta1: number;
  readonly adamBeta2: number;
  readonly momentum: number;
  /** 0: gradients are not clipped. */
  readonly maxGradNorm: number;
  readonly gradientAccumulationSteps: number;
  /** Steps between evaluations; 0: only one, at the end. */
  readonly evalSteps: number;
  /** Validation batches in one evaluation; 0: all. */
  readonly evalBatches: number;
  /** Steps between samples; 0: none. */
  readonly sampleSteps: number;
  /** Steps between checkpoints; 0: only one, at the end. */
  readonly saveSteps: number;
  readonly saveTotalLimit: number;
  readonly loggingSteps: number;
  /** Evaluations without a better loss before the run ends; 0: it goes on. */
  readonly earlyStoppingPatience: number;
  /** "int8": the products of linear layers are of 8-bit numbers; docs/precision.md says when that pays. */
  readonly precision: Precision;
  readonly seed: number;
}

export const defaults: TrainingSettings = {
  batchSize: 16,
  maxSteps: 1000,
  epochs: 0,
  learningRate: 1e-3,
  minLearningRate: 0,
  lrSchedulerType: "cosine",
  warmupSteps: 0,
  optim: "adamw",
  weightDecay: 0.1,
  adamBeta1: 0.9,
  adamBeta2: 0.95,
  momentum: 0,
  maxGradNorm: 1,
  gradientAccumulationSteps: 1,
  evalSteps: 250,
  evalBatches: 0,
  sampleSteps: 0,
  saveSteps: 500,
  saveTotalLimit: 2,
  loggingSteps: 10,
  earlyStoppingPatience: 0,
  precision: "float32",
  seed: 0,
};

type Check = (x: never) => boolean;
const from = (low: number, high = Number.MAX_SAFE_INTEGER) => ({
  wants: `a whole number ${high === Number.MAX_SAFE_INTEGER ? `≥ ${low}` : `from ${low} to ${high}`}`,
  check: ((x: number) => Number.isSafeInteger(x) && x >= low && x <= high) as Check,
});
const number = (low: number, high = Number.POSITIVE_INFINITY) => ({
  wants: high === Number.POSITIVE_INFINITY ? `a number ≥ ${low}` : `a number in [${low}, ${high})`,
  check: ((x: number) => typeof x === "number" && x >= low && x < high) as Check,
});
const name = (...names: string[]) => ({
  wants: `one of ${names.join(", ")}`,
  check: ((x: string) => names.includes(x)) as Check,
});

const rules: Readonly<Record<keyof TrainingSettings, { readonly wants: string; readonly check: Check }>> = {
  batchSize: from(1),
  maxSteps: from(1),
  epochs: number(0),
  learningRate: number(0),
  minLearningRate: number(0),
  lrSchedulerType: name(...Object.keys(schedules)),
  warmupSteps: from(0),
  optim: name("adamw", "adam", "sgd"),
  weightDecay: number(0),
  adamBeta1: number(0, 1),
  adamBeta2: number(0, 1),
  momentum: number(0, 1),
  maxGradNorm: number(0),
  gradientAccumulationSteps: from(1),
  evalSteps: from(0),
  evalBatches: from(0),
  sampleSteps: from(0),
  saveSteps: from(0),
  saveTotalLimit: from(1),
  loggingSteps: from(1),
  earlyStoppingPatience: from(0),
  precision: name("float32", "int8"),
  seed: from(0),
};

/** Fills in defaults and checks every value. Throws a TypeError that names the setting, what it is and what it must be. */
export function trainingSettings(given: Partial<TrainingSettings> = {}): TrainingSettings {
  for (const key of Object.keys(given))
    if (!(key in rules))
      throw new TypeError(
        `training: there is no setting "${key}"; did you mean "${nearest(key, Object.keys(rules))}"?`,
      );
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const settings: TrainingSettings = { ...defaults, ...set };
  for (const [key, { wants, check }] of Object.entries(rules)) {
    const value = settings[key as keyof TrainingSettings];
    if (!check(value as never))
      throw new TypeError(`training: ${key} is ${JSON.stringify(value)}, but must be ${wants}`);
  }
  if (settings.minLearningRate > settings.learningRate)
    throw new TypeError(
      `training: minLearningRate ${settings.minLearningRate} is above learningRate ${settings.learningRate}`,
    );
  return settings.epochs > 0 ? settings : withSteps(settings, settings.maxSteps);
}

/** With `maxSteps` worked out from `epochs`, where they are given; a pass may end within a step. Throws as `trainingSettings`. */
export function scheduled(settings: TrainingSettings, stepsPerPass: number): TrainingSettings {
  const { epochs } = settings;
  return epochs > 0 ? withSteps(settings, Math.max(1, Math.ceil(epochs * stepsPerPass))) : settings;
}

function withSteps(settings: TrainingSettings, maxSteps: number): TrainingSettings {
  const { warmupSteps } = settings;
  if (!Number.isSafeInteger(maxSteps))
    throw new TypeError(`training: ${settings.epochs} epochs are ${maxSteps} steps, which nobody can count`);
  if (warmupSteps > maxSteps)
    throw new TypeError(`training: warmupSteps ${warmupSteps} is more than maxSteps ${maxSteps}`);
  return { ...settings, maxSteps };
}

/** The update rule: biases and norms do not decay. */
export function optimizerOf({ optim, weightDecay, adamBeta1, adamBeta2, momentum }: TrainingSettings): OptimizerOf {
  if (optim === "sgd") return noDecayForBiasesAndNorms(sgd, { momentum, weightDecay });
  const rule = optim === "adamw" ? adamw : adam;
  return noDecayForBiasesAndNorms(rule, { beta1: adamBeta1, beta2: adamBeta2, weightDecay });
}

/** What the random numbers of update n, from 1, are made from. */
export const seedOf = ({ seed }: TrainingSettings, step: number): number => keyOf(seed, "step", step);

/** The learning rate of update n, from 1. */
export function learningRateOf(settings: TrainingSettings): Schedule {
  const { learningRate, minLearningRate, lrSchedulerType, maxSteps, warmupSteps } = settings;
  const floor = learningRate === 0 ? 0 : minLearningRate / learningRate;
  const schedule = schedules[lrSchedulerType]({ maxSteps, warmupSteps, floor });
  return (update) => learningRate * schedule(update);
}
