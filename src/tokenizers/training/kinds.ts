/** Training by name: every kind of tokenizer that can be learned here, or needs no learning. */
import { byteTokenizer } from "../byte.ts";
import { trainCharTokenizer } from "../character.ts";
import { type TextSource, watched } from "../chunks.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { trainWordTokenizer } from "../train-word.ts";
import {
  type MergeTrainOptions,
  reading,
  trainBpeTokenizer,
  trainUnigramTokenizer,
  trainWordPieceTokenizer,
} from "./train.ts";

export const tokenizerTypes = ["bpe", "wordpiece", "unigram", "wordlevel", "char", "byte"] as const;
export type TokenizerType = (typeof tokenizerTypes)[number];

/** The options of all kinds. */
export type TrainTokenizerOptions = MergeTrainOptions & {
  /** Read "The" as "the"; decoding then gives lower case. */
  lowercase?: boolean;
};

type Option = keyof TrainTokenizerOptions;
const everywhere: readonly Option[] = ["specialTokens", "onProgress", "signal"];
const merges: readonly Option[] = [
  "vocabSize",
  "extraSpecialTokens",
  "minFrequency",
  "limitAlphabet",
  "maxTokenLength",
];

/** What each kind can be told beside what all can. */
const known: { readonly [type in TokenizerType]: readonly Option[] } = {
  bpe: merges,
  wordpiece: [...merges, "lowercase"],
  unigram: ["vocabSize", "extraSpecialTokens", "maxTokenLength"],
  wordlevel: ["vocabSize", "minFrequency", "lowercase"],
  char: [],
  byte: [],
};

/** @throws for an option that means nothing for the kind, before the text is read. */
export async function trainTokenizer(
  type: TokenizerType,
  source: TextSource,
  options: TrainTokenizerOptions = {},
): Promise<Tokenizer> {
  checkTrainOptions(type, options);
  const text = watched(source, reading(options));
  const special = { ...(options.specialTokens && { specialTokens: options.specialTokens }) };
  switch (type) {
    case "bpe":
      return trainBpeTokenizer(source, options);
    case "wordpiece":
      return trainWordPieceTokenizer(source, options);
    case "unigram":
      return trainUnigramTokenizer(source, options);
    case "wordlevel":
      return trainWordTokenizer(text, options);
    case "char":
      return trainCharTokenizer(text, special);
    case "byte":
      return byteTokenizer(special);
  }
}

/** @throws naming the first option that the kind does not know, and those it does. */
export function checkTrainOptions(type: TokenizerType, options: TrainTokenizerOptions): void {
  const wrong = Object.entries(options).find(
    ([name, value]) => value !== undefined && ![...everywhere, ...known[type]].includes(name as Option),
  );
  if (wrong)
    throw new Error(
      `a ${type} tokenizer has no option ${wrong[0]}; it has ${[...known[type], "specialTokens"].join(", ")}`,
    );
}
