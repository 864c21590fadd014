/** Which token comes next: a row's logits through the processors, in transformers' order, then the likeliest or a drawn one. */
import type { GenerationConfig } from "./generation-config.ts";
import {
  force,
  minP,
  noBadWords,
  noRepeatNgram,
  penalizeRepetition,
  suppress,
  temper,
  topK,
  topP,
} from "./processors.ts";
import { argmax, chance, drawn, logSoftmax } from "./sample.ts";

/** What a row is when its next token is chosen. */
export interface Row {
  /** Its prompt and new tokens, without padding. */
  readonly ids: readonly number[];
  /** Which of its prompt's rows it is. */
  readonly copy: number;
}

interface Lengths {
  /** Of the longest prompt. */
  readonly prompt: number;
  /** How many new tokens there will be at most. */
  readonly limit: number;
}

/** What becomes of a row's logits when it has `made` new tokens. */
export function processor(config: GenerationConfig, { prompt, limit }: Lengths) {
  const { eosTokenId: eos, forcedBosTokenId: bos } = config;
  const badWords = config.badWordsIds.filter(([id, ...rest]) => rest.length > 0 || !eos.includes(id!));
  const begin = prompt > 1 || bos === null ? 0 : 1; // behind a forced token

  const process = (x: Float32Array, ids: readonly number[], made: number): Float32Array => {
    if (config.repetitionPenalty !== 1) x = penalizeRepetition(x, ids, config.repetitionPenalty);
    if (config.noRepeatNgramSize > 0) x = noRepeatNgram(x, ids, config.noRepeatNgramSize);
    if (badWords.length > 0) x = noBadWords(x, ids, badWords);
    if (made < (config.minNewTokens ?? config.minLength - prompt)) x = suppress(x, eos);
    if (bos !== null && prompt + made === 1) x = force(x, [bos]);
    if (config.forcedEosTokenId.length > 0 && made === limit - 1) x = force(x, config.forcedEosTokenId);
    x = suppress(x, config.suppressTokens);
    return made === begin ? suppress(x, config.beginSuppressTokens) : x;
  };
  const keep = config.numBeams > 1 ? Math.max(2, eos.length + 1) : 1; // a search needs one that does not end its text
  const warp = (x: Float32Array): Float32Array => {
    if (config.temperature !== 1) x = temper(x, config.temperature);
    if (config.topK > 0) x = topK(x, Math.max(config.topK, keep));
    if (config.topP < 1) x = topP(x, config.topP, keep);
    return config.minP === null ? x : minP(x, config.minP, keep);
  };
  return (logits: Float32Array, { ids }: Pick<Row, "ids">, made: number): Float32Array => {
    let x = process(logits, ids, made);
    if (config.doSample) x = warp(x);
    return config.renormalizeLogits ? logSoftmax(x) : x;
  };
}

/** The next token of a row. Throws an Error where the logits are not numbers, or nothing is left to choose from. */
export function chooser(config: GenerationConfig, lengths: Lengths) {
  const process = processor(config, lengths);
  return (logits: Float32Array, row: Row, made: number): number => {
    const x = process(logits, row, made);
    const best = argmax(x);
    checkChoice(x[best]!);
    return config.doSample ? drawn(x, chance(config.seed, row.copy, made)) : best;
  };
}

/** The best of some logits is a number. */
export function checkChoice(best: number): void {
  if (best === Number.NEGATIVE_INFINITY)
    throw new Error("generate: no token is left to choose from: every one is suppressed, forbidden or a repetition");
  if (!Number.isFinite(best))
    throw new Error(`generate: a logit is ${best}; are the weights finite, and is the temperature not too small?`);
}
