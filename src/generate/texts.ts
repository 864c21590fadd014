/** Whole texts behind several prompts, drawn or found by a search. */
import { searchBeams } from "./beam-search.ts";
import type { Decoder } from "./decoder.ts";
import { type GenerateOptions, steps } from "./generate.ts";
import {
  type GenerationConfig,
  type GenerationFile,
  type GenerationOptions,
  generationConfig,
} from "./generation-config.ts";
import { longestOf } from "./limits.ts";
import type { Rows } from "./prompts.ts";
import { stopStrings } from "./stop-strings.ts";
import { behind, promptIds, type TextTokenizer } from "./text-prompt.ts";

/** How a text ended: with a token of `eosTokenId`, before a stop string, or at its longest length. */
export interface TextEnd {
  /** All new tokens, those of a stop string too. */
  readonly tokens: readonly number[];
  readonly reason: "eos" | "stop" | "length";
  /** Of a beam search: its log-probability over its length penalty. */
  readonly score?: number;
}

/** A text behind its prompt. */
export interface GeneratedText extends TextEnd {
  readonly text: string;
}

/**
 * Whole texts behind several prompts, each as it is alone: for each prompt `numReturnSequences` of them, of a beam search
 * the best, best first. The model reads the prompts together, unless one might outgrow its positions or a length counts
 * the prompt. Options and errors as in `generateText`.
 */
export async function generateTexts(
  decoder: Decoder,
  tokenizer: TextTokenizer,
  prompts: readonly string[],
  { defaults, signal, ...given }: GenerateOptions = {},
): Promise<GeneratedText[][]> {
  const config = textConfig(given, defaults);
  const rows = prompts.map((prompt) => promptIds(tokenizer, prompt, config.bosTokenId));
  if (areFree(rows, config, decoder)) return textsOf(decoder, tokenizer, rows, config, signal);
  const texts: GeneratedText[][] = [];
  for (const row of rows) texts.push(...(await textsOf(decoder, tokenizer, [row], config, signal)));
  return texts;
}

/** Whether how long one text is changes nothing for the others. */
const areFree = (rows: Rows, { maxNewTokens, minNewTokens, minLength }: GenerationConfig, { positions }: Decoder) =>
  maxNewTokens !== null &&
  (minNewTokens !== null || minLength === 0) &&
  longestOf(rows) + maxNewTokens - 1 <= positions;

/** A text longer than the model's positions goes on; a search cannot. */
export function textConfig(given: GenerationOptions, defaults: GenerationFile | undefined): GenerationConfig {
  const whenFull = generationConfig(given, defaults).numBeams > 1 ? "stop" : "slide";
  return generationConfig({ ...given, whenFull: given.whenFull ?? whenFull }, defaults);
}

/** As `generateTexts`, behind rows of ids and under a checked configuration. */
export async function textsOf(
  decoder: Decoder,
  tokenizer: TextTokenizer,
  rows: Rows,
  config: GenerationConfig,
  signal: AbortSignal | undefined,
): Promise<GeneratedText[][]> {
  checkSourceless(decoder);
  const shown = (tokens: readonly number[], prompt: readonly number[]) => {
    const stop = stopStrings(config.stopStrings);
    const decode = behind(tokenizer, prompt);
    const text = tokens.map((token) => stop.push(decode.push(token))).join("");
    return { text, stop, rest: () => stop.push(decode.end()) + stop.end() };
  };
  const stops = (tokens: readonly number[]) => config.stopStrings.length > 0 && shown(tokens, []).stop.found;
  const textOf = (tokens: readonly number[], row: number): GeneratedText => {
    const { text, stop, rest } = shown(tokens, rows[row]!);
    const whole = text + rest();
    const ended = config.eosTokenId.includes(tokens.at(-1)!) ? "eos" : "length";
    return { text: whole, tokens, reason: stop.found ? "stop" : ended };
  };

  const prompts = { rows, source: undefined };
  const options = { signal, ends: stops };
  if (config.numBeams > 1) {
    const found = await searchBeams(decoder, prompts, config, options);
    return found.map((best, row) => best.map(({ tokens, score }) => ({ ...textOf(tokens, row), score })));
  }
  const made = rows.flatMap(() =>
    Array.from({ length: config.numReturnSequences }, () => ({ tokens: [] as number[], ended: false })),
  );
  for await (const tokens of steps(decoder, prompts, config, options))
    for (const [r, row] of made.entries()) {
      if (row.ended) continue;
      row.tokens.push(tokens[r]!);
      row.ended = config.eosTokenId.includes(tokens[r]!) || stops(row.tokens);
    }
  const texts = made.map(({ tokens }, i) => textOf(tokens, Math.floor(i / config.numReturnSequences)));
  return rows.map((_, p) => texts.slice(p * config.numReturnSequences, (p + 1) * config.numReturnSequences));
}

/** Throws a TypeError for an encoder-decoder, which has no prompts. */
export function checkSourceless({ source }: Decoder): void {
  if (source)
    throw new TypeError("generate: this model writes texts for texts that it reads, and continues none; use predict");
}
