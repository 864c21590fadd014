/** The flags of `train` that are settings of a run: the same words as in code, in kebab case. */
import { type Command, Option } from "commander";
import { schedules } from "../optim/index.ts";
import { defaults, type TrainingSettings } from "../train/settings.ts";
import { flag, number, wholeNumber } from "./values.ts";

type Flag = readonly [name: keyof TrainingSettings, what: string, parse: (text: string) => unknown];

const flags: readonly Flag[] = [
  ["batchSize", "rows in a batch", wholeNumber({ low: 1 })],
  ["maxSteps", "updates in all", wholeNumber({ low: 1 })],
  ["epochs", "passes over the training part, instead of --max-steps", number({ low: 0 })],
  ["learningRate", "the largest learning rate", number({ low: 0 })],
  ["minLearningRate", "where the schedule ends", number({ low: 0 })],
  ["warmupSteps", "updates over which the learning rate rises", wholeNumber()],
  ["weightDecay", "of matrices; biases and norms have none", number({ low: 0 })],
  ["adamBeta1", "average of the gradient", number({ low: 0, high: 1 })],
  ["adamBeta2", "average of its square", number({ low: 0, high: 1 })],
  ["momentum", "of sgd", number({ low: 0, high: 1 })],
  ["maxGradNorm", "gradients are scaled down to this norm; 0: never", number({ low: 0 })],
  ["gradientAccumulationSteps", "batches in one update", wholeNumber({ low: 1 })],
  ["evalSteps", "updates between evaluations; 0: one at the end", wholeNumber()],
  ["evalBatches", "batches in an evaluation; 0: the whole validation part", wholeNumber()],
  ["sampleSteps", "updates between samples; 0: none", wholeNumber()],
  ["saveSteps", "updates between checkpoints; 0: one at the end", wholeNumber()],
  ["saveTotalLimit", "checkpoints to keep", wholeNumber({ low: 1 })],
  ["loggingSteps", "updates between step events", wholeNumber({ low: 1 })],
  ["earlyStoppingPatience", "evaluations without a better loss before the run ends; 0: it goes on", wholeNumber()],
];

export function trainingOptions(command: Command): Command {
  for (const [name, what, parse] of flags)
    command.option(`${flag(name)} <n>`, `${what} (default: ${defaults[name]})`, parse);
  return command
    .addOption(
      new Option(
        "--lr-scheduler-type <name>",
        `how the learning rate goes (default: ${defaults.lrSchedulerType})`,
      ).choices(Object.keys(schedules)),
    )
    .addOption(
      new Option("--optim <name>", `the update rule (default: ${defaults.optim})`).choices(["adamw", "adam", "sgd"]),
    )
    .addOption(
      new Option(
        "--precision <name>",
        `of the matrix products of linear layers; int8 is faster on most CPUs (default: ${defaults.precision})`,
      ).choices(["float32", "int8"]),
    );
}

/** Those that were given. */
export function givenSettings(options: Readonly<Record<string, unknown>>): Partial<TrainingSettings> {
  const names = Object.keys(defaults);
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => names.includes(name)),
  ) as Partial<TrainingSettings>;
}
