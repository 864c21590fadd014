/** Text that goes on: token by token, for rows of ids. Results equal those of transformers' `generate`. */
import { searchBeams } from "./beam-search.ts";
import type { Hypothesis } from "./beams.ts";
import { chooser } from "./choose.ts";
import type { Decoder } from "./decoder.ts";
import type { Decoding } from "./decoding.ts";
import {
  type GenerationConfig,
  type GenerationFile,
  type GenerationOptions,
  generationConfig,
} from "./generation-config.ts";
import { checkForced, limitOf, longestOf } from "./limits.ts";
import type { Values } from "./memory.ts";
import { type Prompts, promptsOf, type Rows, type Source } from "./prompts.ts";
import { pickRows } from "./rows.ts";
import { wakeful } from "./wakeful.ts";

export type GenerateOptions = GenerationOptions & {
  /** The object of the model's `generation_config.json`: what holds where the options say nothing. */
  readonly defaults?: GenerationFile | undefined;
  /** Ends the generation between two tokens: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Each step's new token of every row; rows that have ended get the padding id. Ends when all rows have, or at the longest
 * length. Rows are the prompts in order, each `numReturnSequences` times.
 *
 * `whenFull: "slide"` goes on when the longest row fills the model's positions: the model then reads the last half of
 * that many tokens of each row again, and knows nothing of what stands before. A longer prompt is cut in the same way.
 *
 * Throws for wrong options, `numBeams` among them (a search knows its text only in the end), for prompts that the decoder
 * refuses, and where no token is left to choose.
 */
export async function* generateTokens(
  decoder: Decoder,
  prompts: Rows | Source,
  { defaults, signal, ...given }: GenerateOptions = {},
): AsyncGenerator<number[]> {
  const config = generationConfig(given, defaults);
  if (config.numBeams > 1)
    throw new TypeError(
      `generate: numBeams is ${config.numBeams}, and a search knows its text only in the end; use generateAll or beamSearch, or numBeams: 1`,
    );
  yield* steps(decoder, promptsOf(prompts, config), config, { signal });
}

/**
 * Whole sequences [rows, length], prompts (of an encoder-decoder: what its texts begin with) included, as `generate` of
 * transformers gives them: shorter prompts padded on the left, rows that have ended on the right. Options and errors as
 * in `generateTokens`; with `numBeams`, the best texts of a search.
 */
export async function generateAll(
  decoder: Decoder,
  prompts: Rows | Source,
  { defaults, signal, ...given }: GenerateOptions = {},
): Promise<number[][]> {
  const config = generationConfig(given, defaults);
  const read = promptsOf(prompts, config);
  const longest = longestOf(read.rows);
  const padding = paddingOf(config);
  const rows = copies(read.rows, config).map(({ ids }) => [
    ...Array<number>(longest - ids.length).fill(padding),
    ...ids,
  ]);
  if (config.numBeams === 1) {
    for await (const tokens of steps(decoder, read, config, { signal }))
      for (const [r, token] of tokens.entries()) rows[r]!.push(token);
    return rows;
  }
  const found = await searchBeams(decoder, read, config, { signal });
  const width = Math.max(...found.flat().map(({ tokens }) => tokens.length));
  const filler = padding || (config.eosTokenId[0] ?? 0); // here, a padding id of 0 counts as none in transformers
  return rows.map((row, r) => {
    const best = found[Math.floor(r / config.numReturnSequences)]!;
    const tokens = best[r % config.numReturnSequences]?.tokens ?? [];
    return [...row, ...tokens, ...Array<number>(width - tokens.length).fill(filler)];
  });
}

/**
 * For each prompt the `numReturnSequences` best texts that a search with `numBeams` has found, best first, fewer where
 * there are no more: their new tokens, and their scores. With `doSample`, beams are drawn. Equals transformers' `generate`
 * with `num_beams` and its `sequences_scores`. Throws as `generateAll` does.
 *
 * @example
 * const [[best]] = await beamSearch(decoder, [ids], { numBeams: 4, lengthPenalty: wuLength(0.6) });
 */
export async function beamSearch(
  decoder: Decoder,
  prompts: Rows | Source,
  { defaults, signal, ...given }: GenerateOptions = {},
): Promise<readonly (readonly Hypothesis[])[]> {
  const config = generationConfig(given, defaults);
  return searchBeams(decoder, promptsOf(prompts, config), config, { signal });
}

interface StepOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a row ends with the last of its new tokens, beside those that end with an `eosTokenId`. */
  readonly ends?: (tokens: readonly number[]) => boolean;
}

/** As `generateTokens`, under a checked configuration. */
export async function* steps(
  decoder: Decoder,
  { rows: prompts, source }: Prompts,
  config: GenerationConfig,
  { signal, ends = () => false }: StepOptions = {},
): AsyncGenerator<number[]> {
  const { vocabulary, positions } = decoder;
  const limit = limitOf(prompts, config, decoder);
  checkForced(config, vocabulary);
  const choose = chooser(config, { prompt: longestOf(prompts), limit });
  const rows = copies(prompts, config).map((row) => ({ ...row, ended: false }));
  const padding = paddingOf(config);
  const awake = wakeful();

  signal?.throwIfAborted();
  let decoding: Decoding = await decoder.begin(
    prompts.map((ids) => (config.whenFull === "slide" ? ids.slice(-positions) : ids)),
    source,
  );
  if (config.numReturnSequences > 1) decoding.reorder(rows.map(({ prompt }) => prompt));
  for (let made = 0; made < limit; made++) {
    if (made > 0) {
      await awake();
      signal?.throwIfAborted();
      const half = Math.ceil(positions / 2);
      if (decoding.length < positions) await decoding.step(rows.map(({ ids, ended }) => (ended ? 0 : ids.at(-1)!)));
      else
        decoding = await decoder.begin(
          rows.map(({ ids }) => ids.slice(-half)),
          source && sourceOf(rows, source),
        );
    }
    yield rows.map((row, r) => {
      if (row.ended) return padding;
      const token = choose(decoding.logits.subarray(r * vocabulary, (r + 1) * vocabulary), row, made);
      row.ids.push(token);
      row.ended = config.eosTokenId.includes(token) || ends(row.ids.slice(prompts[row.prompt]!.length));
      return token;
    });
    if (rows.every(({ ended }) => ended)) return;
  }
}

const paddingOf = ({ padTokenId, eosTokenId }: GenerationConfig): number => padTokenId ?? eosTokenId[0] ?? 0;

/** Rows before their first step. */
const copies = (prompts: Rows, { numReturnSequences }: GenerationConfig) =>
  prompts.flatMap((ids, prompt) =>
    Array.from({ length: numReturnSequences }, (_, copy) => ({ ids: [...ids], prompt, copy })),
  );

const sourceOf = (rows: readonly { readonly prompt: number }[], source: Values): Values => {
  const kept = rows.map(({ prompt }) => prompt);
  return Object.fromEntries(Object.entries(source).map(([name, value]) => [name, pickRows(value, 0, kept)]));
};
