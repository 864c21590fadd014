/** `trainformer tokenizer decode FOLDER [IDS…]`: the text that ids stand for. */
import type { Command } from "commander";
import { folderTokenizer } from "../../../hub/index.ts";
import type { Context } from "../../context.ts";
import { checked, UserError } from "../../errors.ts";
import { idsOfLine, inputLines } from "../../input-lines.ts";

interface Options {
  readonly file?: string;
  readonly skipSpecialTokens?: true;
}

export function describe(command: Command): void {
  command
    .argument("<folder>", "a tokenizer's folder, or a model's")
    .argument("[ids...]", "such as 464 3290 or 464,3290 (default: standard input, a line at a time)")
    .option("--file <path>", 'lines of ids, or .jsonl with a list or {"ids"} a line')
    .option("--skip-special-tokens", "leave special tokens out")
    .addHelpText("after", "\nExample:\n  $ trainformer tokenizer decode tok 464 3290 318");
}

export async function run(
  [folder, ...words]: readonly string[],
  { file, skipSpecialTokens }: Options,
  context: Context,
) {
  if (words.length > 0 && file !== undefined) throw new UserError("ids and --file exclude each other");
  const tokenizer = await checked(() => folderTokenizer(folder!));
  const options = { ...(skipSpecialTokens && { skipSpecialTokens }) };
  const all = words.length === 0 ? inputLines(file, {}, idsOfLine) : [await checked(() => idsOfLine(words.join(" ")))];
  for await (const ids of all) {
    context.signal.throwIfAborted();
    const text = await checked(() => tokenizer.decode(ids, options));
    context.result({ ids, text });
    context.print(text);
  }
  return undefined;
}
