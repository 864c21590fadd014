/** `trainformer generate FOLDER --prompt T`: text that goes on, as it comes. */
import type { Command } from "commander";
import { readText } from "../../data/index.ts";
import { type GenerationOptions, generationConfig } from "../../generate/index.ts";
import { load } from "../../load.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { number, wholeNumber } from "../values.ts";

interface Options extends GenerationOptions {
  readonly prompt?: string;
  readonly file?: string;
  readonly stop?: readonly string[];
  readonly greedy?: true;
}

export function describe(command: Command): void {
  command
    .argument("<folder>", "a model folder")
    .option("--prompt <text>", "what the text begins with")
    .option("--file <path>", "a file of prompts, one a line")
    .option("--max-new-tokens <n>", "how long it goes on", wholeNumber({ low: 1 }))
    .option("--greedy", "take the likeliest token each time")
    .option("--temperature <x>", "below 1 sharper, above 1 freer", number({ low: 0, open: true }))
    .option("--top-k <n>", "choose among so many tokens; 0: all", wholeNumber())
    .option("--top-p <x>", "choose among the likeliest that hold this probability", number({ low: 0, high: 1 }))
    .option(
      "--min-p <x>",
      "leave out what is less likely than this share of the likeliest",
      number({ low: 0, high: 1 }),
    )
    .option("--repetition-penalty <x>", "above 1: what was said is less likely", number({ low: 0, open: true }))
    .option("--stop <texts...>", "end before any of these")
    .addHelpText("after", '\nExample:\n  $ trainformer generate runs/book --prompt "It was" --temperature 0.8');
}

export async function run([folder]: readonly string[], given: Options, context: Context) {
  const { prompt, file, stop, greedy, ...rest } = given;
  if (prompt !== undefined && file !== undefined) throw new UserError("--prompt and --file exclude each other");
  const prompts = file === undefined ? [prompt ?? ""] : await checked(() => linesOf(file));
  const sampling = Object.keys(rest).some((name) => /^(temperature|top|min)/.test(name));
  const options: GenerationOptions = {
    ...rest,
    ...(stop && { stopStrings: stop }),
    ...(greedy ? { doSample: false } : sampling && { doSample: true }),
    ...(context.seed !== undefined && { seed: context.seed }),
  };
  await checked(() => generationConfig(options));
  const device = await askedDevice(context.device);
  await using model = await checked(() =>
    load(folder!, { ...(context.threads !== undefined && { threads: context.threads }), ...device }),
  );
  await checked(() => prompts.forEach((one) => void model.tokenizer?.encodeIds(one)));
  for (const one of prompts) {
    const pieces = model.generate(one, { ...options, signal: context.signal });
    const stream = !context.json;
    let text = "";
    let next = await checked(() => pieces.next());
    if (stream) process.stdout.write(one);
    for (; !next.done; next = await pieces.next()) {
      text += next.value;
      if (stream) process.stdout.write(next.value);
    }
    if (stream) process.stdout.write("\n");
    context.result({ prompt: one, text, tokens: next.value.tokens.length });
  }
  return undefined;
}

async function linesOf(file: string): Promise<string[]> {
  let text = "";
  for await (const piece of readText(file)) text += piece;
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
