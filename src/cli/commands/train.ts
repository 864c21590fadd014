/** `trainformer train`: a model on a task, into a folder that Hugging Face's library opens, with checkpoints. */
import { type Command, Option } from "commander";
import type { TrainEvent } from "../../train/events.ts";
import { readEvents } from "../../train/events-file.ts";
import { train } from "../../train/index.ts";
import { exampleOf } from "../../train/samples.ts";
import { shell } from "../../train/usage.ts";
import type { Context } from "../context.ts";
import { checked, Status, UserError } from "../errors.ts";
import { invocation } from "../invocation.ts";
import { modelOptions } from "../model-choice.ts";
import { finishSeries, type SeriesRun, seriesOptions } from "../series.ts";
import { toyHelp } from "../toy-data.ts";
import { prepared, type TrainFlags, type Wanted } from "../train-run.ts";
import { trainingOptions } from "../training-options.ts";
import { translationOptions } from "../translation.ts";
import { lossCurve } from "../ui/curves.ts";
import { createProgress } from "../ui/progress.ts";
import { number, wholeNumber } from "../values.ts";

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
            .option(
              "--block-size <n>",
              "tokens in a row (default: 128); --max-length says the same",
              wholeNumber({ low: 1 }),
            )
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

export async function run(_: readonly string[], options: TrainFlags, context: Context) {
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
async function profileOf(options: TrainFlags, context: Context) {
  const { profileFirst } = await import("../profile.ts");
  return profileFirst(await checked(() => prepared(options, context)), context);
}

/** The curve, and what to do next. */
function finish({ out, tokenizer, sample, task }: Wanted, { demo, data }: TrainFlags, context: Context): void {
  const events: readonly TrainEvent[] = readEvents(out);
  context.print(lossCurve(events, context.output.columns, context.output.paint));
  const { best, baselines = {} } = { ...events.findLast((event) => event.event === "done") };
  for (const [name, loss] of Object.entries(baselines))
    context.print(`\nvalidation loss ${best!.loss.toFixed(3)}; a ${name} has ${loss.toFixed(3)}`);
  const prompt = sample?.prompt || exampleOf(tokenizer);
  const use: Readonly<Record<string, string>> = {
    "language-modeling": `generate ${shell(out)} --prompt ${shell(prompt)}`,
    "masked-language-modeling": `evaluate ${shell(out)} --data ${shell(data?.[0] ?? "")}`,
    pretraining: `evaluate ${shell(out)} --data ${shell(data?.[0] ?? "")}`,
    "sequence-regression": `predict ${shell(out)} --horizon 12 --file ${shell(data?.[0] ?? "")}`,
  };
  const next = [`  ${invocation()} ${use[task.name] ?? `predict ${shell(out)} ${shell(prompt)}`}`];
  if (demo) next.push("  npm start -- --data my-book.txt");
  context.print(`\nSaved in ${out}. Try next:\n${next.join("\n")}`);
}
