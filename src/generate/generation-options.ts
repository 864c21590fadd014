/**
 * The options of Hugging Face's `generation_config.json` in camelCase, with the defaults of transformers 5
 * (`GenerationConfig` in its generation/configuration_utils.py) and a few of our own.
 */
import { type CoveragePenalty, type LengthPenalty, power } from "./beam-penalties.ts";
import { choice, flag, func, id, idLists, ids, type Option, oneOf, positive, share, texts, whole } from "./option.ts";

export const options = {
  /** Tokens to generate; 20, where neither this nor `maxLength` is given. */
  maxNewTokens: whole(1, null),
  /** Tokens in all, the longest prompt's included. Does not count beside `maxNewTokens`. */
  maxLength: whole(1, null),
  /** Before so many new tokens, a row does not end with `eosTokenId`. */
  minNewTokens: whole(0, null),
  /** As `minNewTokens`, the longest prompt included. */
  minLength: whole(0, 0),
  /** What to do where the model has no further position: end, or read the last half of its positions' tokens again. */
  whenFull: oneOf(["stop", "slide"], "stop"),

  /** Draw tokens by their probability; false: take the likeliest. */
  doSample: flag(false),
  /** Of the draws: the same prompt, options and seed give the same text. */
  seed: whole(0, 0),
  /** So many rows for each prompt; of a beam search, the best so many. */
  numReturnSequences: whole(1, 1),

  /** Keep so many of the likeliest texts at every step, and give the best in the end; 1: go on with one. */
  numBeams: whole(1, 1),
  /** What a text's log-probability is divided by: its new tokens' number to this power, or a function of it. */
  lengthPenalty: lengthPenalty(),
  /** Added to a text's score, from how much attention each place of the source has received in all; see `wuCoverage`. */
  coveragePenalty: func<CoveragePenalty>("a function of each source position's attention"),
  /**
   * When a search ends: as soon as there are `numBeams` texts that have ended (true); when the best running one, at its
   * present length, is worse than the worst of those (false); or only when no longer text could be better ("never").
   */
  earlyStopping: choice([true, false, "never"], false),

  /** Logits are divided by it: below 1 likely tokens become likelier. Sampling only, as all up to `minP`. */
  temperature: positive(1, "; for the likeliest token at each step: doSample false"),
  /** Draw from so many of the likeliest tokens; 0: from all. */
  topK: whole(0, 50),
  /** Draw from the fewest tokens that have this probability together. */
  topP: share(1),
  /** Draw from tokens with at least this share of the likeliest one's probability. */
  minP: share(null),
  /** Log-probabilities that a beam search adds up are those of what is left to choose from. */
  renormalizeLogits: flag(false),

  /** Above 1: tokens that the text holds become less likely. */
  repetitionPenalty: positive(1),
  /** No run of so many tokens comes twice; 0: any may. */
  noRepeatNgramSize: whole(0, 0),
  badWordsIds: idLists(),
  suppressTokens: ids(),
  /** Not as the first new token. */
  beginSuppressTokens: ids(),
  /** The first new token behind a prompt of one token. */
  forcedBosTokenId: id(),
  /** The last token, where a row reaches its length without having ended. */
  forcedEosTokenId: ids(),

  /** What an empty prompt stands for. */
  bosTokenId: id(),
  /** What an encoder-decoder's text begins with; `bosTokenId` unless given. */
  decoderStartTokenId: id(),
  /** A row ends with one of them. */
  eosTokenId: ids(),
  /** What follows in a row that has ended; the first of `eosTokenId` unless given. */
  padTokenId: id(),
  /** Text ends before the first of them. */
  stopStrings: texts(),
} satisfies Record<string, Option<unknown, unknown>>;

/** Read as a function. */
function lengthPenalty(): Option<LengthPenalty, number | LengthPenalty> {
  const read = (x: unknown) => {
    if (typeof x === "function") return x as LengthPenalty;
    return typeof x === "number" && Number.isFinite(x) ? power(x) : undefined;
  };
  return { fallback: power(1), wants: "a number or a function of a length", read };
}

/** Options that change what is generated and are not implemented, with the values that change nothing; null is one too. */
export const neutral = {
  numBeamGroups: [1],
  diversityPenalty: [0],
  penaltyAlpha: [0],
  typicalP: [1],
  topH: [1],
  epsilonCutoff: [0],
  etaCutoff: [0],
  guidanceScale: [1],
  encoderRepetitionPenalty: [1],
  encoderNoRepeatNgramSize: [0],
  exponentialDecayLengthPenalty: [],
  sequenceBias: [],
  constraints: [],
  forceWordsIds: [],
  dolaLayers: [],
  watermarkingConfig: [],
  tokenHealing: [false],
  maxTime: [],
} satisfies Record<string, readonly unknown[]>;
