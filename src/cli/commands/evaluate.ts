/** `trainformer evaluate FOLDER --data F`: loss and metrics on held-out data. */
import type { Command } from "commander";
import { languageModeling } from "../../tasks/index.ts";
import { loadTokenizer } from "../../tokenizers/index.ts";
import { evaluateFolder, rowSize } from "../../train/evaluate.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { textFiles } from "../text-data.ts";
import { table } from "../ui/table.ts";
import { count, measure } from "../ui/words.ts";
import { wholeNumber } from "../values.ts";

interface Options {
  readonly data?: readonly string[];
  readonly encoding?: string;
  readonly batchSize?: number;
  readonly blockSize?: number;
}

export function describe(command: Command): void {
  command
    .argument("<folder>", "a model folder")
    .option("--data <files...>", "held-out text, or toy:NAME as for train: its held-out part")
    .option("--encoding <name>", "of the text files (default: utf-8)")
    .option("--batch-size <n>", "rows in a batch (default: 16)", wholeNumber({ low: 1 }))
    .option("--block-size <n>", "tokens in a row (default: what the model holds)", wholeNumber({ low: 1 }))
    .addHelpText("after", "\nExample:\n  $ trainformer evaluate runs/book --data another-book.txt");
}

export async function run([folder]: readonly string[], options: Options, context: Context) {
  const { data, batchSize = 16, ...rest } = options;
  const { signal } = context;
  if (!data) throw new UserError("--data is missing", { remedy: "name the held-out text: --data book.txt" });
  const device = await askedDevice(context.device);
  const { task, dataset } = await checked(async () => {
    const tokenizer = await loadTokenizer(folder!);
    const task = languageModeling({ blockSize: rowSize(folder!, tokenizer, options.blockSize) });
    const { train, validation } = (await textFiles({ ...rest, data, signal })).data();
    const held = typeof validation === "string" ? validation : train; // a toy's held-out part
    return { task, dataset: await task.open({ train: held, validation: 1 }, tokenizer, { batchSize, seed: 0 }) };
  });
  const shown = context.terminal.interactive && !context.json && !context.quiet;
  try {
    const result = await evaluateFolder(folder!, task, dataset, {
      signal,
      ...(context.threads !== undefined && { threads: context.threads }),
      ...device,
      progress: (n) => shown && context.terminal.pin(() => `${count(n)} tokens evaluated`),
    });
    context.terminal.pin(undefined);
    context.result(result);
    const rows = Object.entries({ tokens: result.examples, loss: result.loss, ...result.metrics });
    context.print(
      table(
        rows.map(([name, x]) => [name, Number.isInteger(x) ? count(x) : measure(x)]),
        "lr",
      ),
    );
  } finally {
    context.terminal.pin(undefined);
    dataset.close?.();
  }
  return undefined;
}
