/** Text that goes on, piece by piece, as one shows it: whole characters only, and nothing of a stop string. */
import type { Decoder } from "./decoder.ts";
import { type GenerateOptions, steps } from "./generate.ts";
import { generationConfig } from "./generation-config.ts";
import { stopStrings } from "./stop-strings.ts";

/** What is asked of a tokenizer. */
export interface TextTokenizer {
  encode(text: string): { readonly ids: readonly number[] };
  /** `push` gives the text that no later id can change, `end` what is left. */
  decodeStream(options: { skipSpecialTokens: boolean }): { push(id: number): string; end(): string };
}

/** How a text ended: with a token of `eosTokenId`, before a stop string, or at its longest length. */
export interface TextEnd {
  /** All new tokens, those of a stop string too. */
  readonly tokens: readonly number[];
  readonly reason: "eos" | "stop" | "length";
}

/**
 * Pieces of text behind the prompt, as they come; special tokens are left out. What was generated is the generator's
 * return value. A text longer than the model's positions goes on (`whenFull` is "slide" here unless given). An empty
 * prompt stands for `bosTokenId`, or where there is none for a newline: a text begins after one.
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
  const config = generationConfig({ whenFull: "slide", ...given }, defaults);
  if (config.numReturnSequences > 1)
    throw new TypeError(
      `generate: numReturnSequences is ${config.numReturnSequences}, but one text is streamed; for others, use other seeds`,
    );
  const ids = promptIds(tokenizer, prompt, config.bosTokenId);
  const stop = stopStrings(config.stopStrings);
  const decode = tokenizer.decodeStream({ skipSpecialTokens: true });
  const tokens: number[] = [];
  for await (const [token] of steps(decoder, [ids], config, signal)) {
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

function promptIds(tokenizer: TextTokenizer, prompt: string, bos: number | null): readonly number[] {
  const { ids } = tokenizer.encode(prompt);
  if (ids.length > 0) return ids;
  if (bos !== null) return [bos];
  const newline = newlineIds(tokenizer);
  if (newline.length > 0) return newline;
  throw new Error(
    "generate: the prompt is empty, and there is neither a bosTokenId nor a newline in the vocabulary to begin with; give a prompt",
  );
}

/** None where the tokenizer cannot say a newline. */
function newlineIds(tokenizer: TextTokenizer): readonly number[] {
  try {
    return tokenizer.encode("\n").ids;
  } catch {
    return [];
  }
}
