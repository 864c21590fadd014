/** What `train` is told becomes a run: model, data, tokenizer and task, opened and checked. */
import { basename, extname, join } from "node:path";
import { limitsOf, type ModelSpec } from "../models/index.ts";
import { languageModeling, maskedLanguageModeling } from "../tasks/index.ts";
import { checkOut } from "../train/check-out.ts";
import { fromFolder } from "../train/from-folder.ts";
import type { TrainOptions } from "../train/index.ts";
import type { Context } from "./context.ts";
import { askedDevice } from "./device.ts";
import { UserError } from "./errors.ts";
import { chooseModel, type ModelOptions } from "./model-choice.ts";
import { type PairOptions, pairFiles, pairTokenizers } from "./pair-files.ts";
import { type SeriesOptions, seriesRun } from "./series.ts";
import { checkTaskFlags, checkWordFlags, rowLength } from "./task-flags.ts";
import { openTokenizer, type TextOptions, textFiles } from "./text-data.ts";
import { givenSettings } from "./training-options.ts";
import { modelFlags, type TeachingOptions, translationTask } from "./translation.ts";

/** As commander reads them; an option that is not given is not there. */
export interface TrainFlags
  extends Partial<TextOptions>,
    ModelOptions,
    PairOptions,
    TeachingOptions,
    Omit<SeriesOptions, "data"> {
  readonly task: string;
  readonly model?: string;
  readonly cell?: string;
  readonly attention?: string;
  readonly blockSize?: number;
  readonly carryState?: true;
  readonly maskProbability?: number;
  readonly wholeWordMasking?: true;
  readonly nextSentence?: true;
  readonly dropout?: number;
  readonly prompt?: string;
  readonly out?: string;
  readonly resume?: true;
  readonly overwrite?: true;
  readonly demo?: true;
  readonly findLearningRate?: true;
  readonly profile?: true;
}

export type Wanted = TrainOptions<unknown> & { readonly out: string };

/** Everything that was asked for, opened and checked. */
export async function prepared(given: TrainFlags, context: Context): Promise<Wanted> {
  checkTaskFlags({ ...given }, given.task);
  rowLength(given);
  const options: TrainFlags = given.demo ? (await import("./demo.ts")).withDemo(given) : given;
  const length = rowLength(options);
  if (options.resume && options.overwrite) throw new UserError("--resume and --overwrite exclude each other");
  const demo = given.demo && !given.data ? (await import("./demo.ts")).demoText(length ?? 64) : undefined;
  const pairs = options.task === "translation";
  const numbers = options.task === "sequence-regression";
  if (!demo && !pairs && !numbers && !options.data)
    throw new UserError("--data is missing", { remedy: "name the text to train on: --data book.txt" });
  const out =
    options.out ?? join("runs", demo ? "village" : nameOf((options.data ?? options.source ?? [options.task])[0]!));
  const mode = options.resume ? "resume" : options.overwrite || (demo && !options.out) ? "overwrite" : "fresh";
  if (!options.findLearningRate) checkOut(out, mode);
  const device = await askedDevice(context.device);
  if (pairs) return translationRun(options, { out, mode, ...device }, context);
  if (numbers) return numbersRun(options, { out, mode, ...device }, context);
  const files = demo ? undefined : await textFiles({ ...options, data: options.data!, signal: context.signal });
  const masked = options.task === "masked-language-modeling";
  const { spec, folder } = await chooseModel(options.model ?? (masked ? "bert" : "gpt2"), options);
  const cut = options.tokenizer ?? folder ?? "char";
  checkWordFlags({ ...options }, cut, options.task);
  const tokenizer = await openTokenizer(
    cut,
    demo
      ? async function* () {
          yield demo.train as string;
        }
      : files!.text,
    {
      ...(masked && { specialTokens: bertTokens }),
      minFrequency: options.minFrequency,
      lowercase: options.lowercase,
    },
  );
  const blockSize = length ?? (folder ? Math.min(128, limitsOf(spec).positions) : 128);
  const { seed = 0 } = context;
  const task = masked
    ? maskedLanguageModeling({
        blockSize,
        wholeWords: options.wholeWordMasking ?? false,
        nextSentence: options.nextSentence ?? false,
        ...(options.maskProbability !== undefined && { maskProbability: options.maskProbability }),
      })
    : languageModeling({ blockSize, ...(options.carryState && { carryState: true }) });
  return {
    model: options.dropout === undefined ? spec : withDropout(spec, options.dropout),
    ...(folder !== undefined && { from: fromFolder(folder, { task: task.name, seed }) }),
    tokenizer,
    task,
    data: demo ?? files!.data(cut === "char" ? blockSize : undefined),
    ...(files && { dataFiles: files.files }),
    training: { ...givenSettings({ ...options }), seed },
    out,
    mode,
    ...(options.prompt !== undefined && { sample: { prompt: options.prompt } }),
    ...(context.threads !== undefined && { threads: context.threads }),
    ...device,
    signal: context.signal,
  };
}

/** A model that reads one text and writes another. */
async function translationRun(
  options: TrainFlags,
  where: Required<Pick<Wanted, "out" | "mode">> & Pick<Wanted, "device">,
  context: Context,
): Promise<Wanted> {
  const set = [...modelFlags(options), ...(options.set ?? [])];
  const { spec, folder } = await chooseModel(options.model ?? "seq2seq", { ...options, set });
  const { data, files } = await pairFiles(options);
  const cut = options.tokenizer ?? folder ?? (options.data?.[0]?.startsWith("toy:") ? "char" : "word");
  checkWordFlags({ ...options }, cut, options.task);
  const { tokenizer, targetTokenizer } = await pairTokenizers(data, { ...options, tokenizer: cut });
  const maxLength = rowLength(options);
  const task = translationTask({ ...options, ...(maxLength !== undefined && { maxLength }) }, targetTokenizer);
  const seed = context.seed ?? 0;
  return {
    model: options.dropout === undefined ? spec : withDropout(spec, options.dropout),
    ...(folder !== undefined && { from: fromFolder(folder, { task: task.name, seed }) }),
    tokenizer,
    task,
    data,
    dataFiles: files,
    training: { ...givenSettings({ ...options }), seed },
    ...where,
    ...(context.threads !== undefined && { threads: context.threads }),
    signal: context.signal,
  };
}

/** A model that reads numbers and tells the next one. */
async function numbersRun(
  options: TrainFlags,
  where: Required<Pick<Wanted, "out" | "mode">> & Pick<Wanted, "device">,
  context: Context,
): Promise<Wanted> {
  const { model, folder, ...run } = await seriesRun(options);
  const seed = context.seed ?? 0;
  return {
    ...run,
    task: run.task as Wanted["task"],
    model: options.dropout === undefined ? model : withDropout(model, options.dropout),
    ...(folder !== undefined && { from: fromFolder(folder, { task: run.task.name, seed }) }),
    training: { ...givenSettings({ ...options }), seed },
    ...where,
    ...(context.threads !== undefined && { threads: context.threads }),
    signal: context.signal,
  };
}

/** What a tokenizer made for masked words has beside the text's characters or words. */
const bertTokens = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };

/** What a run of this data is called: "book" of book.txt, "dates" of toy:dates,rows=100. */
const nameOf = (data: string): string => basename(data.replace(/^toy:([^,]*).*/, "$1"), extname(data));

/** The same rate in every field that is one. */
function withDropout(spec: ModelSpec, rate: number): ModelSpec {
  const { fields } = spec.architecture.spec;
  const names = Object.keys(fields).filter((name) => /drop/.test(name));
  const rates = Object.fromEntries(names.map((name) => [name, rate]));
  return { ...spec, config: { ...spec.config, ...rates }, rest: { ...spec.rest, ...rates } };
}
