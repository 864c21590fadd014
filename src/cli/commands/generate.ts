/** `trainformer generate FOLDER --prompt T`: text that goes on, as it comes; or the best texts that a search finds. */
import { type Command, InvalidArgumentError } from "commander";
import { type GenerationOptions, generationConfig, type LengthPenalty, lengthPenaltyOf } from "../../generate/index.ts";
import { type LoadedModel, load } from "../../load.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { generateNgram, isNgramFolder } from "../ngram.ts";
import { linesOfFile } from "../prompt-lines.ts";
import { number, wholeNumber } from "../values.ts";

interface Options extends GenerationOptions {
  readonly prompt?: string;
  readonly file?: string;
  readonly stop?: readonly string[];
  readonly greedy?: true;
}

const AT_ONCE = 16; // prompts of a file that are read together

export function describe(command: Command): void {
  command
    .argument("<folder>", "a model folder")
    .option("--prompt <text>", "what the text begins with")
    .option("--file <path>", "a file of prompts, one a line")
    .option("--max-new-tokens <n>", "how long it goes on", wholeNumber({ low: 1 }))
    .option("--greedy", "take the likeliest token each time: nothing is drawn, nor with --num-beams")
    .option("--temperature <x>", "below 1 sharper, above 1 freer", number({ low: 0, open: true }))
    .option("--top-k <n>", "choose among so many tokens; 0: all", wholeNumber())
    .option("--top-p <x>", "choose among the likeliest that hold this probability", number({ low: 0, high: 1 }))
    .option(
      "--min-p <x>",
      "leave out what is less likely than this share of the likeliest",
      number({ low: 0, high: 1 }),
    )
    .option("--repetition-penalty <x>", "above 1: what was said is less likely", number({ low: 0, open: true }))
    .option("--num-beams <n>", "keep so many of the likeliest texts; the best in the end", wholeNumber({ low: 1 }))
    .option("--length-penalty <x>", "above 0 favours long texts in a search; wu:0.6 as Wu et al. 2016", lengthPenalty)
    .option("--early-stopping [when]", "end a search with its first texts (true), or late (never)", earlyStopping)
    .option("--num-return-sequences <n>", "so many texts for each prompt", wholeNumber({ low: 1 }))
    .option("--stop <texts...>", "end before any of these")
    .addHelpText("after", '\nExample:\n  $ trainformer generate runs/book --prompt "It was" --temperature 0.8');
}

function lengthPenalty(text: string): LengthPenalty {
  const penalty = lengthPenaltyOf(text);
  if (penalty) return penalty;
  throw new InvalidArgumentError("It must be a number, or wu: and a number.");
}

function earlyStopping(text: string): boolean | "never" {
  if (text === "never") return text;
  if (text === "true" || text === "false") return text === "true";
  throw new InvalidArgumentError("It must be true, false or never.");
}

export async function run([folder]: readonly string[], given: Options, context: Context) {
  const { prompt, file, stop, greedy, ...rest } = given;
  if (prompt !== undefined && file !== undefined) throw new UserError("--prompt and --file exclude each other");
  const prompts = file === undefined ? [prompt ?? ""] : await checked(() => linesOfFile(file));
  const sampling = Object.keys(rest).some((name) => /^(temperature|top|min)/.test(name));
  const options: GenerationOptions = {
    ...rest,
    ...(stop && { stopStrings: stop }),
    ...(greedy ? { doSample: false } : sampling && { doSample: true }),
    ...(context.seed !== undefined && { seed: context.seed }),
  };
  await checked(() => generationConfig(withoutFile(options)));
  if (isNgramFolder(folder!)) return ngrams(folder!, prompts, options, context);
  const device = await askedDevice(context.device);
  await using model = await checked(() =>
    load(folder!, { ...(context.threads !== undefined && { threads: context.threads }), ...device }),
  );
  await checked(() => prompts.forEach((one) => void model.tokenizer?.encodeIds(one)));
  const together = file !== undefined || (options.numReturnSequences ?? 1) > 1;
  await (together ? severalTexts : oneText)(model, prompts, options, context);
  return undefined;
}

/** What can be judged before the folder's own settings are known: it may have beams of its own. */
const withoutFile = ({ lengthPenalty, earlyStopping, numReturnSequences, ...options }: GenerationOptions) => ({
  ...options,
  ...(options.numBeams !== undefined && { lengthPenalty, earlyStopping, numReturnSequences }),
});

type Asked = readonly [LoadedModel, readonly string[], GenerationOptions, Context];

async function oneText(...[model, [prompt = ""], options, context]: Asked): Promise<void> {
  const pieces = model.generate(prompt, { ...options, signal: context.signal });
  const stream = !context.json;
  let text = "";
  let next = await checked(() => pieces.next());
  if (stream) process.stdout.write(prompt);
  for (; !next.done; next = await pieces.next()) {
    text += next.value;
    if (stream) process.stdout.write(next.value);
  }
  if (stream) process.stdout.write("\n");
  const { tokens, score } = next.value;
  context.result({ prompt, text, tokens: tokens.length, ...(score !== undefined && { score }) });
}

/** In the prompts' order; of several texts for a prompt, the best first. */
async function severalTexts(...[model, prompts, options, context]: Asked): Promise<void> {
  for (let first = 0; first < prompts.length; first += AT_ONCE) {
    const some = prompts.slice(first, first + AT_ONCE);
    const texts = await checked(() => model.generateTexts(some, { ...options, signal: context.signal }));
    for (const [p, found] of texts.entries())
      for (const { text, tokens, score } of found) {
        context.print(some[p]! + text);
        const result = { prompt: some[p], text, tokens: tokens.length };
        context.result(score === undefined ? result : { ...result, score });
      }
  }
}

/** Texts from a model of counts. */
async function ngrams(folder: string, prompts: readonly string[], options: GenerationOptions, context: Context) {
  for (const prompt of prompts) {
    const { text, tokens } = await checked(() => generateNgram(folder, prompt, options));
    context.print(prompt + text);
    context.result({ prompt, text, tokens });
  }
  return undefined;
}
