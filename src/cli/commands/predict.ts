/** `trainformer predict FOLDER [TEXT…]`: what the folder's task says of texts, in their order. */
import { extname } from "node:path";
import type { Command } from "commander";
import { readColumns } from "../../data/index.ts";
import { type GenerationOptions, generationConfig } from "../../generate/index.ts";
import { load } from "../../load.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { inputLines, textOfLine } from "../input-lines.ts";
import { number, wholeNumber } from "../values.ts";

interface Options extends Pick<GenerationOptions, "numBeams" | "lengthPenalty" | "maxNewTokens"> {
  readonly file?: string;
  readonly text?: string;
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}

export function describe(command: Command): void {
  command
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
    .option("--max-new-tokens <n>", "how long a text may become", wholeNumber({ low: 1 }))
    .addHelpText("after", '\nExample:\n  $ trainformer predict runs/de-en "ein Hund schläft" --num-beams 5');
}

const AT_ONCE = 64; // lines that are waited for before they are read by the model

export async function run([folder, ...texts]: readonly string[], options: Options, context: Context) {
  const { file, text: _, encoding: __, encodingErrors: ___, ...generation } = options;
  if (texts.length > 0 && file !== undefined) throw new UserError("texts and --file exclude each other");
  await checked(() => generationConfig(generation));
  const device = await askedDevice(context.device);
  await using model = await checked(() =>
    load(folder!, { ...(context.threads !== undefined && { threads: context.threads }), ...device }),
  );
  const told = { ...generation, signal: context.signal };
  for await (const some of inParts(texts.length > 0 ? texts : linesOf(file, options), AT_ONCE)) {
    const pieces = model.predictEach(some, told);
    for (let next = await checked(() => pieces.next()); !next.done; next = await pieces.next()) {
      context.result(next.value);
      context.print(next.value.output);
    }
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
