/** `trainformer train`: a model on a task, into a folder that Hugging Face's library opens, with checkpoints. */
import { basename, extname, join } from "node:path";
import { type Command, Option } from "commander";
import { limitsOf, type ModelSpec } from "../../models/index.ts";
import { languageModeling, maskedLanguageModeling } from "../../tasks/index.ts";
import { checkOut } from "../../train/check-out.ts";
import type { TrainEvent } from "../../train/events.ts";
import { readEvents } from "../../train/events-file.ts";
import { type TrainOptions, train } from "../../train/index.ts";
import { exampleOf } from "../../train/samples.ts";
import { shell } from "../../train/usage.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, Status, UserError } from "../errors.ts";
import { invocation } from "../invocation.ts";
import { chooseModel, type ModelOptions, modelOptions } from "../model-choice.ts";
import { finishSeries, type SeriesOptions, type SeriesRun, seriesOptions, seriesRun } from "../series.ts";
import { openTokenizer, type TextOptions, textFiles } from "../text-data.ts";
import { toyHelp } from "../toy-data.ts";
import { givenSettings, trainingOptions } from "../training-options.ts";
import {
  modelFlags,
  type PairOptions,
  pairFiles,
  pairTokenizers,
  type TeachingOptions,
  translationOptions,
  translationTask,
} from "../translation.ts";
import { lossCurve } from "../ui/curves.ts";
import { createProgress } from "../ui/progress.ts";
import { number, wholeNumber } from "../values.ts";

interface Options
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

export function describe(command: Command): void {
  trainingOptions(
    modelOptions(
      seriesOptions(
        translationOptions(
          command
            .option("--data <files...>", "text to train on, or toy:NAME (below)")
            .option("--validation <files...>", "held-out text, or which part of --data from its end (default: 0.1)")
            .addOption(
              new Option("--task <name>", "what to learn")
                .choices(["language-modeling", "masked-language-modeling", "translation", "sequence-regression"])
                .default("language-modeling"),
            )
            .option(
              "--model <name>",
              "a model folder to go on from, or a type built from scratch (default: gpt2, for masked words bert), or ngram",
            )
            .option("--tokenizer <name>", "char, byte, word, or a folder (default: char, or the model folder's)")
            .option("--encoding <name>", "of the text files (default: utf-8)")
            .addOption(
              new Option("--encoding-errors <what>", "stop at wrong bytes, or replace them").choices([
                "strict",
                "replace",
              ]),
            )
            .option("--block-size <n>", "tokens in a row (default: 128)", wholeNumber({ low: 1 }))
            .option("--carry-state", "read the text on from batch to batch, and let a recurrent model keep its state")
            .option("--mask-probability <p>", "share of hidden tokens (default: 0.15)", number({ low: 0, high: 1 }))
            .option("--whole-word-masking", "hide all tokens of a word, or none")
            .option("--next-sentence", "rows of two texts; the model also says whether the second follows the first")
            .option("--dropout <p>", "every dropout rate of the model", number({ low: 0, high: 1 }))
            .option("--prompt <text>", "what samples begin with")
            .option("--out <folder>", "the run's folder (default: runs/ and the data's name)"),
        ),
      ),
    ),
  )
    .option("--resume", "go on with the run in --out")
    .option("--overwrite", "replace the run in --out")
    .option("--find-learning-rate", "try rising learning rates for 100 steps instead, and suggest one")
    .option("--profile", "first measure a few steps layer by layer: a table, and profile.html in the run's folder")
    .addOption(new Option("--demo", "a small GPT on a small generated language").hideHelp())
    .addHelpText(
      "after",
      "\nExample:\n  $ trainformer train --data book.txt --set n_layer=4 n_head=4 n_embd=128 --max-steps 2000 --out runs/book",
    )
    .addHelpText("after", toyHelp);
}

export async function run(_: readonly string[], options: Options, context: Context) {
  if (options.model === "ngram") return (await import("../ngram.ts")).countNgrams(options, context);
  const wanted = await checked(() => prepared(options, context));
  if (options.findLearningRate) {
    const { findLearningRate } = await import("../learning-rate.ts");
    return findLearningRate(wanted, context);
  }
  const page = options.profile ? await profileOf(options, context) : undefined;
  const progress = createProgress(context.terminal, { quiet: context.quiet || context.json });
  let begun = false;
  try {
    for await (const event of train(wanted)) {
      if (!begun) page?.(wanted.out);
      begun = true;
      context.result(event);
      progress.show(event);
    }
  } catch (error) {
    if (context.signal.aborted) {
      progress.close();
      if (begun) context.log(`interrupted; to go on: add --resume --out ${shell(wanted.out)}`);
      return Status.interrupted;
    }
    throw begun ? error : new UserError((error as Error).message, { cause: error });
  } finally {
    progress.close();
  }
  if (options.task === "sequence-regression") await finishSeries(wanted.out, wanted.data as SeriesRun["data"], context);
  finish(wanted, options, context);
  return Status.done;
}

/** From texts of its own: the run reads each once. */
async function profileOf(options: Options, context: Context) {
  const { profileFirst } = await import("../profile.ts");
  return profileFirst(await checked(() => prepared(options, context)), context);
}

type Wanted = TrainOptions<unknown> & { readonly out: string };

/** Everything that was asked for, opened and checked. */
async function prepared(given: Options, context: Context): Promise<Wanted> {
  const options: Options = given.demo ? { ...(await import("../demo.ts")).demoOptions, ...given } : given;
  if (options.resume && options.overwrite) throw new UserError("--resume and --overwrite exclude each other");
  const demo = given.demo && !given.data ? (await import("../demo.ts")).demoText(options.blockSize ?? 64) : undefined;
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
  const tokenizer = await openTokenizer(
    cut,
    demo
      ? async function* () {
          yield demo.train as string;
        }
      : files!.text,
    masked ? bertTokens : {},
  );
  const { blockSize = folder ? Math.min(128, limitsOf(spec).positions) : 128, seed = 0 } = { ...options, ...context };
  return {
    model: options.dropout === undefined ? spec : withDropout(spec, options.dropout),
    ...(folder !== undefined && { from: await startingPoint(folder) }),
    tokenizer,
    task: masked
      ? maskedLanguageModeling({
          blockSize,
          wholeWords: options.wholeWordMasking ?? false,
          nextSentence: options.nextSentence ?? false,
          ...(options.maskProbability !== undefined && { maskProbability: options.maskProbability }),
        })
      : languageModeling({ blockSize, ...(options.carryState && { carryState: true }) }),
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
  options: Options,
  where: Required<Pick<Wanted, "out" | "mode">> & Pick<Wanted, "device">,
  context: Context,
): Promise<Wanted> {
  const set = [...modelFlags(options), ...(options.set ?? [])];
  const { spec, folder } = await chooseModel(options.model ?? "seq2seq", { ...options, set });
  const { data, files } = await pairFiles(options);
  const { tokenizer, targetTokenizer } = await pairTokenizers(data, {
    ...options,
    tokenizer: options.tokenizer ?? folder ?? (options.data?.[0]?.startsWith("toy:") ? "char" : "word"),
  });
  return {
    model: options.dropout === undefined ? spec : withDropout(spec, options.dropout),
    ...(folder !== undefined && { from: await startingPoint(folder) }),
    tokenizer,
    task: translationTask(options, targetTokenizer),
    data,
    dataFiles: files,
    training: { ...givenSettings({ ...options }), seed: context.seed ?? 0 },
    ...where,
    ...(context.threads !== undefined && { threads: context.threads }),
    signal: context.signal,
  };
}

/** A model that reads numbers and tells the next one. */
async function numbersRun(
  options: Options,
  where: Required<Pick<Wanted, "out" | "mode">> & Pick<Wanted, "device">,
  context: Context,
): Promise<Wanted> {
  const { model, folder, ...run } = await seriesRun(options);
  return {
    ...run,
    task: run.task as Wanted["task"],
    model: options.dropout === undefined ? model : withDropout(model, options.dropout),
    ...(folder !== undefined && { from: await startingPoint(folder) }),
    training: { ...givenSettings({ ...options }), seed: context.seed ?? 0 },
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

async function startingPoint(folder: string) {
  const { openFolder } = await import("../../hub/index.ts");
  using opened = openFolder(folder);
  return { from: "folder", path: folder, storedNames: Object.fromEntries(opened.storedNames) } as const;
}

/** The curve, and what to do next. */
function finish({ out, tokenizer, sample, task }: Wanted, { demo, data }: Options, context: Context): void {
  const events: readonly TrainEvent[] = readEvents(out);
  context.print(lossCurve(events, context.output.columns, context.output.paint));
  const { best, baselines = {} } = { ...events.findLast((event) => event.event === "done") };
  for (const [name, loss] of Object.entries(baselines))
    context.print(`\nvalidation loss ${best!.loss.toFixed(3)}; a ${name} has ${loss.toFixed(3)}`);
  const prompt = sample?.prompt || exampleOf(tokenizer);
  const use: Readonly<Record<string, string>> = {
    "language-modeling": `generate ${shell(out)} --prompt ${shell(prompt)}`,
    "masked-language-modeling": `evaluate ${shell(out)} --data ${shell(data?.[0] ?? "")}`,
    pretraining: `summary ${shell(out)}`,
    "sequence-regression": `predict ${shell(out)} --horizon 12 --file ${shell(data?.[0] ?? "")}`,
  };
  const next = [`  ${invocation()} ${use[task.name] ?? `predict ${shell(out)} ${shell(prompt)}`}`];
  if (demo) next.push("  npm start -- --data my-book.txt");
  context.print(`\nSaved in ${out}. Try next:\n${next.join("\n")}`);
}
