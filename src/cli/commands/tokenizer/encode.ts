/** `trainformer tokenizer encode FOLDER [TEXT]`: a text in coloured pieces, with ids and places. */
import type { Command } from "commander";
import { folderTokenizer } from "../../../hub/index.ts";
import type { EncodeOptions, Encoding } from "../../../tokenizers/index.ts";
import type { Context } from "../../context.ts";
import { checked, UserError } from "../../errors.ts";
import { inputLines, textOfLine } from "../../input-lines.ts";
import { type Color, harmless } from "../../ui/paint.ts";
import { table } from "../../ui/table.ts";
import { wholeNumber } from "../../values.ts";

interface Options {
  readonly file?: string;
  readonly pair?: string;
  readonly maxLength?: number;
  readonly specialTokens: boolean;
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}

export function describe(command: Command): void {
  command
    .argument("<folder>", "a tokenizer's folder, or a model's")
    .argument("[text]", "what to encode (default: standard input, a line at a time)")
    .option("--file <path>", 'lines of text, or .jsonl with a string or {"text"} a line')
    .option("--pair <text>", "a second text")
    .option("--max-length <n>", "cut after so many tokens", wholeNumber({ low: 1 }))
    .option("--no-special-tokens", "leave out what the tokenizer adds")
    .option("--encoding <name>", "of the file (default: utf-8)")
    .option("--encoding-errors <what>", "strict: stop at wrong bytes; replace: go on with U+FFFD")
    .addHelpText("after", '\nExample:\n  $ trainformer tokenizer encode tok "How is this cut?"');
}

export async function run([folder, text]: readonly string[], given: Options, context: Context) {
  const { file, pair, maxLength, specialTokens: addSpecialTokens } = given;
  if (text !== undefined && file !== undefined) throw new UserError("a text and --file exclude each other");
  const tokenizer = await checked(() => folderTokenizer(folder!));
  const options: EncodeOptions = {
    addSpecialTokens,
    ...(pair !== undefined && { pair }),
    ...(maxLength !== undefined && { truncation: { maxLength } }),
  };
  const texts = text === undefined ? inputLines(file, given, textOfLine) : [text];
  let first = true;
  for await (const one of texts) {
    context.signal.throwIfAborted();
    const encoding = await checked(() => tokenizer.encode(one, options));
    const { ids, tokens, offsets } = encoding;
    context.result({ ids, tokens, offsets });
    if (!context.json) context.print(`${first ? "" : "\n"}${shown(encoding, [one, pair ?? ""], context)}`);
    first = false;
  }
  return undefined;
}

const colors: readonly Color[] = ["cyan", "magenta", "yellow", "green", "blue"];

/** The pieces in a row, then one a line with its id and place in the text. */
function shown({ ids, tokens, offsets, sequenceIds }: Encoding, texts: readonly string[], { output }: Context): string {
  const { paint } = output;
  const pieces = tokens.map((token, i) => paint(colors[i % colors.length]!, visible(token)));
  const apart = paint("dim", "|");
  const rows = ids.map((id, i) => {
    const [start, end] = offsets[i]!;
    const sequence = sequenceIds[i] ?? undefined;
    const place = sequence === undefined ? "" : `${start}–${end}`;
    const text = sequence === undefined ? paint("dim", "added") : JSON.stringify(texts[sequence]!.slice(start, end));
    return [String(id), pieces[i]!, place, harmless(text)];
  });
  const head = ["id", "token", "place", "text"].map((name) => paint("bold", name));
  return `${pieces.join(apart)}\n\n${table([head, ...rows], "rlrl")}\n${ids.length} tokens`;
}

/** On one line: a newline as its symbol. */
const visible = (token: string) => harmless(token).replaceAll("\n", "␊").replaceAll("\t", "␉");
