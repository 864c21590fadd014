/** What `train --task translation` and its like are told beside the pairs: how to teach, and which model. */
import { type Command, Option } from "commander";
import { type ScheduledSampling, type TranslationOptions, translation } from "../tasks/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { UserError } from "./errors.ts";
import type { TokenizerOptions } from "./pair-files.ts";
import { number, wholeNumber } from "./values.ts";

export interface TeachingOptions extends TokenizerOptions {
  readonly maxLength?: number;
  readonly labelSmoothing?: number;
  readonly teacherForcing?: number;
  readonly scheduledSampling?: ScheduledSampling["schedule"];
  readonly samplingDecay?: number;
}

export const pairOptions = (command: Command): Command =>
  command
    .option("--source <files...>", "aligned text to read, a line each; with --data the column's name")
    .option("--target <files...>", "aligned text to write; with --data the column's name")
    .option("--columns <names>", "of --data without a head row: source,target");

export const translationOptions = (command: Command): Command =>
  pairOptions(command)
    .option("--min-frequency <n>", "rarer words are unknown (default: 2)", wholeNumber({ low: 1 }))
    .option("--lowercase", "read, write and score lower case")
    .option(
      "--max-length <n>",
      "tokens on a side; longer pairs are counted and left out (default: 128)",
      wholeNumber({ low: 2 }),
    )
    .option(
      "--label-smoothing <x>",
      "share of the target that all tokens have (default: 0)",
      number({ low: 0, high: 1 }),
    )
    .option(
      "--teacher-forcing <share>",
      "of rows that are shown the true target while it is written (default: 1)",
      number({ low: 0, high: 1 }),
    )
    .addOption(
      new Option("--scheduled-sampling <schedule>", "show true tokens less and less often").choices([
        "linear",
        "exponential",
        "inverse-sigmoid",
      ]),
    )
    .option(
      "--sampling-decay <k>",
      "of that schedule: its steps, or for exponential its base",
      number({ low: 0, open: true }),
    )
    .option("--cell <name>", "of the model: rnn, lstm, gru")
    .option("--attention <name>", "of the model: none, additive, dot, general, concat, scaled-dot, local-p");

/** "cell=gru" for those of the model's settings that have flags of their own. */
export const modelFlags = ({ cell, attention }: { readonly cell?: string; readonly attention?: string }): string[] => [
  ...(cell === undefined ? [] : [`cell=${cell}`]),
  ...(attention === undefined ? [] : [`attention=${attention}`]),
];

/** Throws a UserError for options that exclude each other. */
export function translationTask(options: TeachingOptions, targetTokenizer: Tokenizer | undefined) {
  const {
    maxLength,
    lowercase,
    labelSmoothing,
    teacherForcing,
    scheduledSampling: schedule,
    samplingDecay: k,
  } = options;
  if (schedule !== undefined && k === undefined)
    throw new UserError("--scheduled-sampling needs --sampling-decay", {
      remedy: "give the steps over which it falls, such as --sampling-decay 1000",
    });
  const taught: TranslationOptions["teacherForcing"] =
    schedule === undefined
      ? teacherForcing
      : { schedule, k: k!, ...(teacherForcing !== undefined && { least: teacherForcing }) };
  return translation({
    ...(targetTokenizer && { targetTokenizer }),
    ...(maxLength !== undefined && { maxLength }),
    ...(lowercase && { lowercase }),
    ...(labelSmoothing !== undefined && { labelSmoothing }),
    ...(taught !== undefined && { teacherForcing: taught }),
  });
}
