/** `trainformer tokenizer report FOLDER… --data F --out page.html`: several tokenizers on one text, as a page in one file. */
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { readText } from "../../../data/index.ts";
import { writeFileAtomic } from "../../../formats/index.ts";
import { folderTokenizer } from "../../../hub/index.ts";
import type { Context } from "../../context.ts";
import { checked, UserError } from "../../errors.ts";
import { reported, tokenizerPage } from "../../tokenizer-page.ts";
import { table } from "../../ui/table.ts";
import { count } from "../../ui/words.ts";

interface Options {
  readonly data?: readonly string[];
  readonly text?: string;
  readonly out: string;
  readonly encoding?: string;
}

const MOST = 5_000_000; // characters that are read

export function describe(command: Command): void {
  command
    .argument("<folders...>", "tokenizers, or models that have one")
    .option("--data <files...>", "the text to try them on")
    .option("--text <text>", "a text to try them on")
    .option("--out <file>", "the page to write", "tokenizers.html")
    .option("--encoding <name>", "of the files (default: utf-8)")
    .addHelpText(
      "after",
      "\nExample:\n  $ trainformer tokenizer report tok models/gpt2 --data book.txt --out page.html",
    );
}

export async function run(folders: readonly string[], given: Options, context: Context) {
  const { data, out, encoding = "utf-8" } = given;
  if ((data === undefined) === (given.text === undefined))
    throw new UserError("there is no text to try them on", { remedy: "give either --data FILE or --text TEXT" });
  const text = given.text ?? (await checked(() => beginning(data!, encoding)));
  const names = folders.map((folder) => basename(resolve(folder)));
  const all = await checked(async () => {
    const found = [];
    for (const [i, folder] of folders.entries()) {
      context.signal.throwIfAborted();
      const name = new Set(names).size === names.length ? names[i]! : folder;
      found.push(reported(name, await folderTokenizer(folder), text));
    }
    return found;
  });
  await checked(() => writeFileAtomic(out, tokenizerPage(all, text)));
  for (const { name, measure } of all) {
    const { mostSplit, vocabSize, tokens, bytesPerToken, unknown } = measure;
    context.result({
      name,
      vocab_size: vocabSize,
      tokens,
      bytes_per_token: bytesPerToken,
      unknown,
      path: out,
      most_split: mostSplit.slice(0, 10),
    });
  }
  const rows = all.map(({ name, measure: { vocabSize, tokens, bytesPerToken } }) => [
    ...[name, count(vocabSize), count(tokens), bytesPerToken.toFixed(2)],
  ]);
  context.print(table([["", "vocabulary", "tokens", "bytes a token"], ...rows], "lrrr"));
  context.print(`saved in ${out}`);
  return undefined;
}

async function beginning(files: readonly string[], encoding: string): Promise<string> {
  let text = "";
  for await (const piece of readText(files, { encoding })) {
    text += piece;
    if (text.length >= MOST) return text.slice(0, MOST).toWellFormed();
  }
  return text;
}
