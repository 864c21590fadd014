/** What `train --task translation` and its like are told: pairs of texts, tokenizers of both sides, how to teach. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Pairs, readAligned, readPairs } from "../data/index.ts";
import { type PairData, type ScheduledSampling, type TranslationOptions, translation } from "../tasks/index.ts";
import {
  byteTokenizer,
  loadTokenizer,
  type SpecialTokens,
  type Tokenizer,
  trainCharTokenizer,
  trainWordTokenizer,
} from "../tokenizers/index.ts";
import { fingerprintFile } from "../train/fingerprint.ts";
import { type DataFiles, TARGET_TOKENIZER } from "../train/run-files.ts";
import { UserError } from "./errors.ts";
import { toyOf, toyPairFiles } from "./toy-data.ts";
import { number, wholeNumber } from "./values.ts";

export interface PairOptions {
  readonly data?: readonly string[];
  readonly validation?: readonly string[];
  readonly source?: readonly string[];
  readonly target?: readonly string[];
  readonly columns?: string;
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}
export interface TeachingOptions {
  readonly tokenizer?: string;
  readonly minFrequency?: number;
  readonly lowercase?: boolean;
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

export interface PairFiles {
  readonly data: PairData;
  readonly files: DataFiles;
}

/** Throws where a side is missing, files do not fit together, or `--validation` is neither files nor a fraction. */
export async function pairFiles(options: PairOptions): Promise<PairFiles> {
  const { data, source, target, validation } = options;
  const toy = data && toyOf({ data, ...(validation && { validation }) });
  if (toy !== undefined) return toyPairFiles(toy);
  if (!data && !(source && target))
    throw new UserError(source || target ? `--${source ? "target" : "source"} is missing` : "--data is missing", {
      remedy: "name aligned files, --source a.en --target a.de, or a file with columns, --data pairs.csv",
    });
  const train = await read(data ? [data] : [source!, target!], options);
  const held = validation && (await heldOut(validation, options));
  const files = { train: train.paths.map(fingerprintFile) };
  if (held === undefined) return { data: { train: train.pairs }, files };
  if (typeof held === "number") return { data: { train: train.pairs, validation: held }, files };
  return {
    data: { train: train.pairs, validation: held.pairs },
    files: { ...files, validation: held.paths.map(fingerprintFile) },
  };
}

interface ReadFiles {
  readonly pairs: Pairs;
  readonly paths: readonly string[];
}

/** One list of files has columns, two are the sides of aligned ones. */
async function read([first, second]: readonly (readonly string[])[], options: PairOptions): Promise<ReadFiles> {
  const text = { encoding: options.encoding ?? "utf-8", fatal: options.encodingErrors !== "replace" };
  if (second) return { pairs: await readAligned(first!, second, text), paths: [...first!, ...second] };
  const { columns, source, target } = options;
  const names = { source: source?.[0], target: target?.[0], columns: columns?.split(",") };
  return { pairs: await readPairs(first!, { ...text, ...names }), paths: first! };
}

async function heldOut(given: readonly string[], options: PairOptions): Promise<ReadFiles | number> {
  const names = given.flatMap((name) => name.split(","));
  const [first, ...others] = names;
  const fraction = others.length === 0 && !existsSync(first!) ? Number(first) : Number.NaN;
  if (fraction >= 0 && fraction < 1) return fraction;
  if (options.data) return read([names], options);
  if (names.length !== 2)
    throw new UserError(`--validation: "${given.join(" ")}" is neither two aligned files nor a fraction in [0, 1)`, {
      remedy: "write --validation a.en,a.de",
    });
  return read([[first!], [names[1]!]], options);
}

const SPECIAL: SpecialTokens = { unk: "<unk>", pad: "<pad>", bos: "<s>", eos: "</s>" };

/** The source's and the target's: words of each, unless told otherwise; a folder's own, or its one for both. */
export async function pairTokenizers(
  { train }: PairData,
  { tokenizer = "word", minFrequency = 2, lowercase = false }: TeachingOptions,
): Promise<{ readonly tokenizer: Tokenizer; readonly targetTokenizer?: Tokenizer }> {
  const learn = (texts: readonly string[]): Promise<Tokenizer> => {
    const lines = async function* () {
      for (const text of texts) yield `${text} `;
    };
    if (tokenizer === "word") return trainWordTokenizer(lines(), { minFrequency, lowercase, specialTokens: SPECIAL });
    return trainCharTokenizer(lines(), { specialTokens: SPECIAL });
  };
  if (tokenizer === "word" || tokenizer === "char")
    return { tokenizer: await learn(train.source), targetTokenizer: await learn(train.target) };
  if (tokenizer === "byte") return { tokenizer: byteTokenizer({ specialTokens: SPECIAL }) };
  return folderTokenizers(tokenizer);
}

export async function folderTokenizers(folder: string) {
  const own = join(folder, TARGET_TOKENIZER);
  return {
    tokenizer: await loadTokenizer(folder),
    ...(existsSync(own) && { targetTokenizer: await loadTokenizer(own) }),
  };
}

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
