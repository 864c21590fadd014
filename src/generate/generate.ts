/** Text that goes on: token by token, greedy or drawn, for rows of ids. Results equal those of transformers' `generate`. */
import { chooser } from "./choose.ts";
import type { Decoder } from "./decoder.ts";
import type { Decoding } from "./decoding.ts";
import {
  type GenerationConfig,
  type GenerationFile,
  type GenerationOptions,
  generationConfig,
} from "./generation-config.ts";

export type GenerateOptions = GenerationOptions & {
  /** The object of the model's `generation_config.json`: what holds where the options say nothing. */
  readonly defaults?: GenerationFile | undefined;
  /** Ends the generation between two tokens: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
};

type Prompts = readonly (readonly number[])[];

/**
 * Each step's new token of every row; rows that have ended get the padding id. Ends when all rows have, or at the longest
 * length. Rows are the prompts in order, each `numReturnSequences` times.
 *
 * `whenFull: "slide"` goes on when the longest row fills the model's positions: the model then reads the last half of
 * that many tokens of each row again, and knows nothing of what stands before. A longer prompt is cut in the same way.
 *
 * Throws for wrong options, for prompts that the decoder refuses, and where no token is left to choose.
 */
export async function* generateTokens(
  decoder: Decoder,
  prompts: Prompts,
  { defaults, signal, ...given }: GenerateOptions = {},
): AsyncGenerator<number[]> {
  yield* steps(decoder, prompts, generationConfig(given, defaults), signal);
}

/**
 * Whole sequences [rows, length], prompts included, as `generate` of transformers gives them: shorter prompts padded on
 * the left, rows that have ended on the right. Options and errors as in `generateTokens`.
 */
export async function generateAll(
  decoder: Decoder,
  prompts: Prompts,
  { defaults, signal, ...given }: GenerateOptions = {},
): Promise<number[][]> {
  const config = generationConfig(given, defaults);
  const longest = longestOf(prompts);
  const rows = copies(prompts, config).map(({ ids }) => [
    ...Array<number>(longest - ids.length).fill(paddingOf(config)),
    ...ids,
  ]);
  for await (const tokens of steps(decoder, prompts, config, signal))
    for (const [r, token] of tokens.entries()) rows[r]!.push(token);
  return rows;
}

/** As `generateTokens`, under a checked configuration. */
export async function* steps(
  decoder: Decoder,
  prompts: Prompts,
  config: GenerationConfig,
  signal?: AbortSignal,
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
  );
  if (config.numReturnSequences > 1) decoding.reorder(rows.map(({ prompt }) => prompt));
  for (let made = 0; made < limit; made++) {
    if (made > 0) {
      await awake();
      signal?.throwIfAborted();
      const half = Math.ceil(positions / 2);
      if (decoding.length >= positions) decoding = await decoder.begin(rows.map(({ ids }) => ids.slice(-half)));
      else await decoding.step(rows.map(({ ids, ended }) => (ended ? 0 : ids.at(-1)!)));
    }
    yield rows.map((row, r) => {
      if (row.ended) return padding;
      const token = choose(decoding.logits.subarray(r * vocabulary, (r + 1) * vocabulary), row, made);
      row.ids.push(token);
      row.ended = config.eosTokenId.includes(token);
      return token;
    });
    if (rows.every(({ ended }) => ended)) return;
  }
}

const longestOf = (prompts: Prompts): number => Math.max(0, ...prompts.map((ids) => ids.length));

const paddingOf = ({ padTokenId, eosTokenId }: GenerationConfig): number => padTokenId ?? eosTokenId[0] ?? 0;

/** Rows before their first step. */
const copies = (prompts: Prompts, { numReturnSequences }: GenerationConfig) =>
  prompts.flatMap((ids, prompt) =>
    Array.from({ length: numReturnSequences }, (_, copy) => ({ ids: [...ids], prompt, copy })),
  );

/** How many new tokens there will be at most; the last of them is never read, so it needs no position. */
function limitOf(
  prompts: Prompts,
  { maxNewTokens, maxLength, whenFull }: GenerationConfig,
  { positions }: Decoder,
): number {
  const longest = longestOf(prompts);
  if (maxNewTokens === null && longest >= maxLength!)
    throw new RangeError(
      `generate: the prompt has ${longest} tokens and maxLength, which counts them, is ${maxLength}; give maxNewTokens`,
    );
  if (whenFull === "stop" && longest > positions)
    throw new RangeError(
      `generate: the prompt has ${longest} tokens, and the model has ${positions} positions; whenFull: "slide" reads the last of them`,
    );
  const wanted = maxNewTokens ?? maxLength! - longest;
  return whenFull === "stop" ? Math.min(wanted, positions - longest + 1) : wanted;
}

/** Other ids outside the vocabulary change nothing: they never come. */
function checkForced({ forcedBosTokenId, forcedEosTokenId }: GenerationConfig, vocabulary: number): void {
  const forced = Object.entries({ forcedBosTokenId: forcedBosTokenId ?? [], forcedEosTokenId });
  for (const [name, ids] of forced)
    for (const id of [ids].flat())
      if (id >= vocabulary)
        throw new RangeError(`generate: ${name} ${id} is not in the vocabulary, whose ids are 0 to ${vocabulary - 1}`);
}

const AWAKE = 20; // milliseconds

/** Lets timers and messages through (an abort is one): an engine that never waits would give them no turn. */
function wakeful(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < AWAKE) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
