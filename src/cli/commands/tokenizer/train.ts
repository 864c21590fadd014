/** `trainformer tokenizer train --type bpe --out FOLDER FILES…`: learns a tokenizer, and saves it when it is whole. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { checkTextFiles, readText } from "../../../data/index.ts";
import {
  checkTrainOptions,
  saveTokenizer,
  type Tokenizer,
  type TokenizerType,
  type TrainTokenizerOptions,
  tokenizerTypes,
  trainInWorker,
} from "../../../tokenizers/index.ts";
import { shell } from "../../../train/usage.ts";
import type { Context } from "../../context.ts";
import { checked, UserError } from "../../errors.ts";
import { expandGlobs } from "../../globs.ts";
import { invocation } from "../../invocation.ts";
import { parseSpecialTokens } from "../../special-tokens.ts";
import { createTrainingLine } from "../../ui/tokenizer-line.ts";
import { count } from "../../ui/words.ts";
import { wholeNumber } from "../../values.ts";

interface Options
  extends Omit<TrainTokenizerOptions, "specialTokens" | "extraSpecialTokens" | "onProgress" | "signal"> {
  readonly type: TokenizerType;
  readonly specialTokens?: readonly string[];
  readonly out?: string;
  readonly overwrite?: true;
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}

export function describe(command: Command): void {
  command
    .argument("[files...]", 'text to learn from, or patterns such as "texts/**/*.txt"')
    .addOption(new Option("--type <name>", "what kind").choices(tokenizerTypes).default("bpe"))
    .option("--vocab-size <n>", "how many tokens (default: 30000; unigram: 8000)", wholeNumber({ low: 1 }))
    .option("--min-frequency <n>", "leave out what is rarer", wholeNumber())
    .option("--special-tokens <tokens...>", 'such as eos=</s> "pad=<pad>", or "<user>" for one without a part')
    .option("--limit-alphabet <n>", "at most so many characters are tokens", wholeNumber({ low: 1 }))
    .option("--max-token-length <n>", "in characters", wholeNumber({ low: 1 }))
    .option("--lowercase", 'read "The" as "the" (wordpiece: the default)')
    .option("--no-lowercase", "keep upper case (wordpiece)")
    .option("--out <folder>", "where to save it")
    .option("--overwrite", "replace the tokenizer in --out")
    .option("--encoding <name>", "of the files (default: utf-8)")
    .addOption(
      new Option("--encoding-errors <what>", "stop at wrong bytes, or replace them").choices(["strict", "replace"]),
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ trainformer tokenizer train --type bpe --vocab-size 8000 --out tok book.txt",
    );
}

export async function run(patterns: readonly string[], given: Options, context: Context) {
  const { type, out, overwrite, encoding = "utf-8", encodingErrors = "strict", specialTokens, ...rest } = given;
  const options: TrainTokenizerOptions = { ...rest, ...parseSpecialTokens(specialTokens ?? []) };
  if (out === undefined) throw new UserError("--out is missing", { remedy: "name the folder to make: --out tok" });
  if (existsSync(join(out, "tokenizer.json")) && !overwrite)
    throw new UserError(`--out: ${out} holds a tokenizer already`, { remedy: "add --overwrite to replace it" });
  await checked(() => checkTrainOptions(type, options));
  if (patterns.length === 0 && type !== "byte")
    throw new UserError("no text to learn from", { remedy: "name files: trainformer tokenizer train … book.txt" });
  const files = await checked(() => expandGlobs(patterns));
  await checked(() => checkTextFiles(files));

  const line = createTrainingLine(context);
  let tokenizer: Tokenizer;
  try {
    const text = textOf(files, { encoding, fatal: encodingErrors === "strict" });
    tokenizer = await checked(() =>
      trainInWorker(type, text, { ...options, signal: context.signal, onProgress: line.show }),
    );
  } finally {
    line.close();
  }
  await saveTokenizer(out, tokenizer);
  context.result({ type, vocab_size: tokenizer.vocabSize, path: out });
  const next = `${invocation()} tokenizer encode ${shell(out)} ${shell("A text to cut")}`;
  context.print(`${count(tokenizer.vocabSize)} tokens, saved in ${out}. Try next:\n  ${next}`);
  return undefined;
}

/** One file after the other; a line does not go on in the next file. */
async function* textOf(files: readonly string[], options: Parameters<typeof readText>[1]): AsyncGenerator<string> {
  for (const file of files) {
    let last = "";
    for await (const chunk of readText(file, options)) {
      yield chunk;
      if (chunk !== "") last = chunk;
    }
    if (file !== files.at(-1) && !last.endsWith("\n")) yield "\n";
  }
}
