/** Beam search with a decoder, for several prompts at once: the results of transformers' `generate` with `num_beams`. */
import { advance, type Beam, begun, type Candidate, candidatesOf, type Hypothesis, type Search } from "./beams.ts";
import { drawnWithoutReplacement, likeliest } from "./candidates.ts";
import { checkChoice, processor } from "./choose.ts";
import { coverageOf } from "./coverage.ts";
import type { Decoder } from "./decoder.ts";
import type { GenerationConfig } from "./generation-config.ts";
import { checkForced, limitOf, longestOf } from "./limits.ts";
import type { Prompts } from "./prompts.ts";
import { logSoftmax } from "./sample.ts";
import { wakeful } from "./wakeful.ts";

interface SearchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a text ends with its last token, beside those that end with an `eosTokenId`. */
  readonly ends?: (tokens: readonly number[]) => boolean;
}

/**
 * For each prompt its best texts, best first: `numReturnSequences` of them, or as many as there are. Throws for more
 * beams than there can be texts, what the decoder refuses, and where no token is left to choose.
 */
export async function searchBeams(
  decoder: Decoder,
  { rows: prompts, source }: Prompts,
  config: GenerationConfig,
  { signal, ends = () => false }: SearchOptions = {},
): Promise<readonly (readonly Hypothesis[])[]> {
  const { vocabulary } = decoder;
  const { numReturnSequences, eosTokenId, doSample, seed } = config;
  const limit = limitOf(prompts, config, decoder);
  checkForced(config, vocabulary);
  checkBeams(config, limit, vocabulary);
  const process = processor(config, { prompt: longestOf(prompts), limit });
  const count = candidatesOf(config);
  const rules = {
    ...config,
    limit,
    ends: (tokens: readonly number[]) => eosTokenId.includes(tokens.at(-1)!) || ends(tokens),
  };
  const awake = wakeful();

  signal?.throwIfAborted();
  const decoding = await decoder.begin(prompts, source);
  const attention = config.coveragePenalty && coverageOf(decoding, source);
  let searches: readonly Search[] = prompts.map(() => begun);
  for (let made = 0; ; made++) {
    let row = 0; // of the decoder: the running beams of all prompts, one prompt's behind the other's
    const starts: number[] = [];
    searches = searches.map((search, prompt) => {
      const first = row;
      starts.push(first);
      row += search.running.length;
      if (search.running.length === 0) return search;
      const logits = search.running.map(({ tokens }, i) => {
        const own = decoding.logits.subarray((first + i) * vocabulary, (first + i + 1) * vocabulary);
        return process(logSoftmax(own), { ids: [...prompts[prompt]!, ...tokens] }, made);
      });
      const scores = search.running.map(({ score }) => score);
      const chosen = doSample
        ? drawnWithoutReplacement(logits, scores, count, { seed, step: made })
        : likeliest(logits, scores, count);
      checkChoice(chosen[0]?.score ?? Number.NEGATIVE_INFINITY);
      const coverage = search.running.map(
        (beam: Beam, i) => attention?.(beam.coverage, first + i, prompt) ?? beam.coverage,
      );
      const candidates = chosen.map(
        ({ from, token, score }): Candidate => ({
          tokens: [...search.running[from]!.tokens, token],
          score,
          coverage: coverage[from]!,
          from,
        }),
      );
      return advance(search, candidates, rules);
    });
    const running = searches.flatMap((search, prompt) =>
      search.running.map(({ from, tokens }) => ({ row: starts[prompt]! + from, token: tokens.at(-1)! })),
    );
    if (running.length === 0) return searches.map(({ ended }) => ended.slice(0, numReturnSequences));
    await awake();
    signal?.throwIfAborted();
    decoding.reorder(running.map(({ row }) => row));
    await decoding.step(running.map(({ token }) => token));
  }
}

function checkBeams({ numBeams, eosTokenId }: GenerationConfig, limit: number, vocabulary: number): void {
  const texts = vocabulary ** limit;
  if (numBeams > texts)
    throw new RangeError(
      `generate: numBeams is ${numBeams}, but ${limit} new tokens of a vocabulary of ${vocabulary} make no more than ${texts} texts; set numBeams to at most that`,
    );
  if (eosTokenId.length >= vocabulary)
    throw new RangeError(
      `generate: ${eosTokenId.length} eosTokenIds leave none of the vocabulary's ${vocabulary} tokens to go on with`,
    );
}
