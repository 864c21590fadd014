/** Text that goes on, piece by piece, as one shows it: whole characters only, and nothing of a stop string. */
import type { Decoder } from "./decoder.ts";
import { type GenerateOptions, steps } from "./generate.ts";
import { stopStrings } from "./stop-strings.ts";
import { behind, promptIds, type TextTokenizer } from "./text-prompt.ts";
import { checkSourceless, type TextEnd, textConfig, textsOf } from "./texts.ts";

/**
 * Pieces of text behind the prompt, as they come; special tokens are left out. What was generated is the generator's
 * return value. A text longer than the model's positions goes on (`whenFull` is "slide" here unless given). An empty
 * prompt stands for `bosTokenId`, or where there is none for a newline: a text begins after one. With `numBeams` the best
 * text comes whole, when the search has ended.
 * Throws as `generateTokens` does, as the tokenizer does for text it cannot say, and where an empty prompt stands for
 * nothing.
 *
 * @example
 * for await (const piece of generateText(decoder, tokenizer, "To be", { temperature: 0.8 })) process.stdout.write(piece);
 */
export async function* generateText(
  decoder: Decoder,
  tokenizer: TextTokenizer,
  prompt: string,
  { defaults, signal, ...given }: GenerateOptions = {},
): AsyncGenerator<string, TextEnd> {
  const config = textConfig(given, defaults);
  if (config.numReturnSequences > 1)
    throw new TypeError(
      `generate: numReturnSequences is ${config.numReturnSequences}, but one text is streamed; generateTexts gives several`,
    );
  checkSourceless(decoder);
  const ids = promptIds(tokenizer, prompt, config.bosTokenId);
  if (config.numBeams > 1) {
    const [[best] = []] = await textsOf(decoder, tokenizer, [ids], config, signal);
    const { text, ...end } = best!;
    if (text !== "") yield text;
    return end;
  }
  const stop = stopStrings(config.stopStrings);
  const decode = behind(tokenizer, ids);
  const tokens: number[] = [];
  for await (const [token] of steps(decoder, { rows: [ids], source: undefined }, config, { signal })) {
    tokens.push(token!);
    const piece = stop.push(decode.push(token!));
    if (piece !== "") yield piece;
    if (stop.found) return { tokens, reason: "stop" };
  }
  const rest = stop.push(decode.end()) + stop.end();
  if (rest !== "") yield rest;
  if (stop.found) return { tokens, reason: "stop" };
  return { tokens, reason: config.eosTokenId.includes(tokens.at(-1)!) ? "eos" : "length" };
}
