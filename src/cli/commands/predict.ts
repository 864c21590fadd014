/** `trainformer predict FOLDER [TEXT…]`: what the folder's task says of texts, in their order. */
import { extname } from "node:path";
import type { Command } from "commander";
import { readColumns } from "../../data/index.ts";
import { fittedOf, forecast } from "../../forecast.ts";
import { type GenerationOptions, generationConfig } from "../../generate/index.ts";
import { specOf, taskOf } from "../../hub/index.ts";
import { type LoadedModel, load } from "../../load.ts";
import type { WrittenText } from "../../translate.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { inputLines, textOfLine } from "../input-lines.ts";
import { openSeries, type SeriesFileOptions, seriesFileOptions } from "../series.ts";
import { checkModelFlags } from "../task-flags.ts";
import { measure } from "../ui/words.ts";
import { number, wholeNumber } from "../values.ts";

interface Options
  extends Pick<GenerationOptions, "numBeams" | "lengthPenalty" | "maxNewTokens" | "numReturnSequences">,
    Omit<SeriesFileOptions, "data"> {
  readonly horizon?: number;
  readonly file?: string;
  readonly text?: string;
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}

export function describe(command: Command): void {
  seriesFileOptions(command)
    .argument("<folder>", "a model folder")
    .argument("[texts...]", "what to read (default: standard input, a line at a time)")
    .option("--file <path>", 'lines of text, .csv or .tsv with a column, or .jsonl with a string or {"text"} a line')
    .option("--text <name>", "the column of --file (default: text)")
    .option("--encoding <name>", "of the file (default: utf-8)")
    .option("--encoding-errors <what>", "strict: stop at wrong bytes; replace: go on with U+FFFD")
    .option(
      "--num-beams <n>",
      "how many texts a search follows (default: 1, the likeliest token each time)",
      wholeNumber({ low: 1 }),
    )
    .option("--length-penalty <x>", "above 0 a search prefers longer texts", number())
    .option("--num-return-sequences <n>", "so many texts of a search for each, with scores", wholeNumber({ low: 1 }))
    .option("--max-new-tokens <n>", "how long a text may become", wholeNumber({ low: 1 }))
    .option("--horizon <n>", "of a series, --file: how many values to tell (default: 1)", wholeNumber({ low: 1 }))
    .option("--columns <names>", "of a series without a head row: its columns' names in order")
    .addHelpText(
      "after",
      '\nExamples:\n  $ trainformer predict runs/de-en "ein Hund schläft" --num-beams 5\n  $ trainformer predict runs/sales --file sales.csv --horizon 12',
    );
}

const AT_ONCE = 64; // lines that are waited for before they are read by the model

export async function run([folder, ...texts]: readonly string[], options: Options, context: Context) {
  const { file, numBeams, lengthPenalty, maxNewTokens, numReturnSequences } = options;
  const given = { numBeams, lengthPenalty, maxNewTokens, numReturnSequences };
  const generation: GenerationOptions = Object.fromEntries(Object.entries(given).filter(([, x]) => x !== undefined));
  if (texts.length > 0 && file !== undefined) throw new UserError("texts and --file exclude each other");
  const [asked, beams] = [numReturnSequences ?? 1, numBeams ?? 1];
  if (asked > beams)
    throw new UserError(
      `--num-return-sequences ${asked}: a search that follows ${beams} ${beams === 1 ? "text" : "texts"} gives no more`,
      { remedy: `add --num-beams ${asked}` },
    );
  await checked(() => generationConfig(generation));
  const device = await askedDevice(context.device);
  await using model = await checked(() =>
    load(folder!, { ...(context.threads !== undefined && { threads: context.threads }), ...device }),
  );
  const trained = await checked(() => taskOf(folder!));
  if (["translation", "sequence-regression"].includes(trained)) checkModelFlags("predict", { ...options }, trained);
  if (model.architecture === "SequenceRegressor") return tellNext(model, folder!, options, context);
  const told = { ...generation, signal: context.signal };
  for await (const some of inParts(texts.length > 0 ? texts : linesOf(file, options), AT_ONCE)) {
    const pieces = model.predictEach(some, told);
    for (let next = await checked(() => pieces.next()); !next.done; next = await pieces.next()) {
      const { output, outputs } = next.value;
      context.result(next.value);
      context.print(outputs ? scoredLines(outputs) : output);
    }
  }
  return undefined;
}

/** The best first, each behind its score. */
const scoredLines = (outputs: NonNullable<WrittenText["outputs"]>): string =>
  outputs.map(({ text, score }) => (score === undefined ? text : `${score.toFixed(3)}  ${text}`)).join("\n");

/** The values that come after a series. */
async function tellNext(model: LoadedModel, folder: string, { file, horizon = 1, ...rest }: Options, context: Context) {
  const values = await checked(async () => {
    if (file === undefined)
      throw new UserError("--file is missing", { remedy: "name the series to go on with: --file sales.csv" });
    const fields = specOf(folder).rest;
    const { window, columns } = fittedOf(model, fields);
    const [value, ...inputs] = columns;
    const isToy = file.startsWith("toy:");
    const { series } = await openSeries({ ...(isToy ? {} : { value, inputs }), ...rest, data: [file] });
    return forecast(model, series, { window, horizon });
  });
  for (const [i, value] of values.entries()) {
    context.result({ step: i + 1, value });
    context.print(measure(value));
  }
  return undefined;
}

/** A file's texts, or standard input's. */
async function* linesOf(file: string | undefined, options: Options): AsyncGenerator<string> {
  const { text = "text", encoding, encodingErrors } = options;
  if (file === undefined || ![".csv", ".tsv"].includes(extname(file).toLowerCase())) {
    yield* inputLines(file, options, textOfLine);
    return;
  }
  const read = { fatal: encodingErrors !== "replace", ...(encoding !== undefined && { encoding }) };
  const { columns } = await checked(() => readColumns(file, [text], read));
  yield* columns[text]!;
}

async function* inParts<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
