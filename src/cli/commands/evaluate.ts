/** `trainformer evaluate FOLDER --data F`: loss and metrics on held-out data. */
import type { Command } from "commander";
import { fittedOf } from "../../forecast.ts";
import { writeFileAtomic } from "../../formats/index.ts";
import type { GenerationOptions } from "../../generate/index.ts";
import { specOf, taskOf } from "../../hub/index.ts";
import { load } from "../../load.ts";
import type { Confidence } from "../../metrics/index.ts";
import { translationConfidence } from "../../tasks/index.ts";
import { evaluateFolder } from "../../train/evaluate.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { type HeldOutOptions, heldOutPairs, heldOutText } from "../held-out.ts";
import { isNgramFolder } from "../ngram.ts";
import { lastRows, openSeries, reportOf, reportTable, type SeriesFileOptions, seriesFileOptions } from "../series.ts";
import { checkModelFlags, NGRAM } from "../task-flags.ts";
import { textFiles } from "../text-data.ts";
import { pairOptions } from "../translation.ts";
import { table } from "../ui/table.ts";
import { count, measure } from "../ui/words.ts";
import { number, wholeNumber } from "../values.ts";

interface Options extends HeldOutOptions, SeriesFileOptions, Pick<GenerationOptions, "numBeams" | "lengthPenalty"> {
  readonly outputs?: string;
  readonly report?: string;
  readonly beside?: readonly string[];
  readonly confidence?: true;
  readonly last?: number;
}

export function describe(command: Command): void {
  seriesFileOptions(pairOptions(command))
    .argument("<folder>", "a model folder")
    .option("--data <files...>", "held-out text, or toy:NAME as for train: its held-out part")
    .option("--encoding <name>", "of the text files (default: utf-8)")
    .option("--batch-size <n>", "rows in a batch (default: 16, of pairs 64)", wholeNumber({ low: 1 }))
    .option("--block-size <n>", "tokens in a row (default: what the model holds)", wholeNumber({ low: 1 }))
    .option("--lowercase", "score lower case (default: where the run did)")
    .option(
      "--num-beams <n>",
      "of texts that are written: how many a search follows (default: 1)",
      wholeNumber({ low: 1 }),
    )
    .option("--length-penalty <x>", "above 0 a search prefers longer texts", number())
    .option("--outputs <file>", "write the texts there, a line each")
    .option("--report <folder>", "write there report.json, quality by length, the worst texts with their alignments")
    .option("--beside <folders...>", "with --report: earlier reports, shown in the figure of quality by length, too")
    .option("--confidence", "of texts that are written: 95 % intervals of their scores, by bootstrap")
    .option(
      "--last <n>",
      "of a series: only its last n rows (default: all with a window before them)",
      wholeNumber({ low: 1 }),
    )
    .option("--pseudo-perplexity", "of a masked-language model: hide each token alone, and read a row once for each")
    .addHelpText(
      "after",
      "\nExamples:\n  $ trainformer evaluate runs/book --data another-book.txt\n  $ trainformer evaluate runs/de-en --source test.de --target test.en --num-beams 5",
    );
}

export async function run([folder]: readonly string[], options: Options, context: Context) {
  const { signal } = context;
  const trained = isNgramFolder(folder!) ? NGRAM : await checked(() => taskOf(folder!));
  checkModelFlags("evaluate", { ...options }, trained);
  if (trained === NGRAM) return ngrams(folder!, options, context);
  const device = await askedDevice(context.device);
  if (trained === "sequence-regression") return numbers(folder!, options, context);
  if (options.beside && options.report === undefined)
    throw new UserError("--beside says nothing without --report", { remedy: "add it, or leave this out" });
  const reports = options.report === undefined ? undefined : await import("../translation-report.ts");
  const beside = options.beside && reports!.earlierReports(options.beside);
  const { task, dataset } = await checked(() =>
    trained === "translation" ? heldOutPairs(folder!, options) : heldOutText(folder!, options, signal),
  );
  const shown = context.terminal.interactive && !context.json && !context.quiet;
  for (const message of dataset.warnings ?? []) context.warn(message);
  try {
    if (beside) reports!.checkBeside(beside, dataset.exam!());
    const result = await evaluateFolder(folder!, task, dataset, {
      signal,
      ...(context.threads !== undefined && { threads: context.threads }),
      ...device,
      progress: (n) => shown && context.terminal.pin(() => `${count(n)} tokens evaluated`),
      generation: generationOf(options),
      written: (n) => shown && context.terminal.pin(() => `${count(n)} texts written`),
    });
    context.terminal.pin(undefined);
    const { examples, loss, metrics, texts } = result;
    const lowercase = task.settings["lowercase"] === true;
    if (texts && options.outputs !== undefined)
      writeFileAtomic(options.outputs, texts.map((text) => `${text.replaceAll("\n", " ")}\n`).join(""));
    if (texts && reports) {
      const numBeams = options.numBeams ?? 1;
      const told = { folder: folder!, exam: dataset.exam!(), texts, metrics, lowercase, numBeams };
      await reports.writeReport(options.report!, { ...told, threads: context.threads, ...(beside && { beside }) });
    }
    const sure: Readonly<Record<string, Confidence>> | undefined =
      texts && options.confidence ? translationConfidence(texts, dataset.exam!().references, { lowercase }) : undefined;
    context.result({ examples, loss, metrics, ...(sure && { confidence: sure }) });
    const rows = Object.entries({ [texts ? "texts" : "tokens"]: examples, loss, ...metrics }).map(([name, x]) => {
      const interval = sure?.[name];
      const between = interval ? `${measure(interval.low)} … ${measure(interval.high)}` : "";
      return [name, Number.isInteger(x) ? count(x) : measure(x), between];
    });
    context.print(table(rows, "lrl"));
  } finally {
    context.terminal.pin(undefined);
    dataset.close?.();
  }
  return undefined;
}

/** A model of counts, on a text. */
async function ngrams(folder: string, options: Options, context: Context) {
  if (!options.data) throw new UserError("--data is missing", { remedy: "name the held-out text: --data book.txt" });
  const { evaluateNgram } = await import("../ngram.ts");
  const { train } = (await textFiles({ ...options, data: options.data, signal: context.signal })).data();
  const { result, warnings } = await checked(() => evaluateNgram(folder, train));
  for (const message of warnings) context.warn(message);
  context.result(result);
  const rows = Object.entries({ loss: result.loss, ...result.metrics }).map(([name, x]) => [name, measure(x)]);
  context.print(table([["tokens", count(result.examples)], ...rows], "lr"));
  return undefined;
}

/** A series, one step ahead, beside the baselines that need no model. */
async function numbers(folder: string, options: Options, context: Context): Promise<undefined> {
  const device = await askedDevice(context.device);
  const threads = context.threads !== undefined && { threads: context.threads };
  await using model = await checked(() => load(folder, { ...threads, ...device }));
  const report = await checked(async () => {
    const { series } = await openSeries(options);
    return reportOf(model, specOf(folder).rest, { series, split: lastRows(series, options.last) });
  });
  const [[, metrics], ...baselines] = Object.entries(report.scores) as [[string, Record<string, number>]];
  const [unit] = fittedOf(model, specOf(folder).rest).scale as readonly [number];
  const loss = metrics["mse"]! / unit ** 2; // as in training
  context.result({ examples: report.truth.length, loss, metrics, baselines: Object.fromEntries(baselines) });
  context.print(`${count(report.truth.length)} rows, one step ahead\n${reportTable(report)}`);
  return undefined;
}

const generationOf = ({ numBeams, lengthPenalty }: Options): GenerationOptions => ({
  ...(numBeams !== undefined && { numBeams }),
  ...(lengthPenalty !== undefined && { lengthPenalty }),
});
