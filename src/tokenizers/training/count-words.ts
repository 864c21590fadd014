/**
 * How often each piece of a text occurs, as normalizer and pre-tokenizer make it: all that training needs to know of a
 * text. It is read line by line, as Rust's `train` reads files, so that it need not fit into memory.
 */
import { fields } from "../check-json.ts";
import { type TextSource, watched } from "../chunks.ts";
import { readNormalizer } from "../normalizers/read.ts";
import { cutter } from "../pipeline-cut.ts";
import { readPreTokenizer } from "../pre-tokenizers/read.ts";
import type { Stage } from "../pre-tokenizers/stage.ts";
import type { Json } from "../tokenizer-json.ts";

export interface Cutting {
  /** As in `tokenizer.json`. */
  readonly normalizer: Json;
  readonly pre_tokenizer: Json;
}

/** @throws for a text without a word. */
export async function countWords(
  source: TextSource,
  cutting: Cutting,
  options: Parameters<typeof watched>[1] = {},
): Promise<Map<string, number>> {
  const normalizer = cutting.normalizer === null ? undefined : readNormalizer(fields(cutting.normalizer, "normalizer"));
  const stages = readPreTokenizer(fields(cutting.pre_tokenizer, "pre_tokenizer"));
  const cutFrom = stages.findLastIndex((stage) => "split" in stage) + 1;
  const before = stages.slice(0, cutFrom);
  const after = stages.slice(cutFrom); // edits of single words wait for the counts

  const raw = new Map<string, number>();
  for await (const line of linesOf(watched(source, options), cutter(cutting, []))) {
    const text = line.toWellFormed();
    for (const piece of piecesOf(normalizer ? normalizer.apply(text, true) : text, before)) {
      const count = raw.get(piece);
      if (count !== undefined) raw.set(piece, count + 1);
      else raw.set(piece.length > 12 ? [...piece].join("") : piece, 1); // a copy: a slice would keep its whole line
    }
  }
  const counts = new Map<string, number>();
  for (const [piece, count] of raw)
    for (const word of piecesOf(piece, after)) if (word !== "") counts.set(word, (counts.get(word) ?? 0) + count);
  if (counts.size === 0) throw new Error("the training text is empty, so there is nothing to learn");
  return counts;
}

function piecesOf(text: string, stages: readonly Stage[]): readonly string[] {
  let list: readonly string[] = [text];
  for (const stage of stages) {
    if ("edit" in stage) list = list.map((piece) => stage.edit.apply(piece, true));
    else if (list.length === 1) list = split(list[0]!, stage);
    else list = list.flatMap((piece) => split(piece, stage));
  }
  return list;
}

function split(text: string, stage: Extract<Stage, { split: unknown }>): readonly string[] {
  const whole = stage.pieces?.(text);
  if (whole) return whole;
  const bounds = stage.split(text);
  const list: string[] = [];
  for (let i = 0; i < bounds.length; i += 2) list.push(text.slice(bounds[i], bounds[i + 1]));
  return list;
}

const LONG_LINE = 1 << 20;

/** Lines with their ends, whatever the chunks; a very long line in parts, where it may be cut between two words. */
async function* linesOf(
  chunks: AsyncIterable<string>,
  cut: (text: string) => [head: string, rest: string],
): AsyncIterable<string> {
  let rest = "";
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", at)) {
      yield rest + chunk.slice(at, end + 1);
      rest = "";
      at = end + 1;
    }
    rest += chunk.slice(at);
    if (rest.length < LONG_LINE) continue;
    const [head, tail] = cut(rest);
    if (head !== "") yield head;
    rest = tail;
  }
  if (rest !== "") yield rest;
}
