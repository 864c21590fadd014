/** Masked language modelling: hidden tokens are guessed from both sides; and, asked for, whether one text follows another. */
import type { Masking } from "../data/index.ts";
import { forward } from "../models/index.ts";
import { crossEntropy } from "../tensor/ops/index.ts";
import type { Float, Ids } from "../tensor/tensor.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { openMaskedText } from "./masked-text.ts";
import type { Task } from "./task.ts";
import type { TextData } from "./text.ts";
import { continuationOf } from "./whole-words.ts";

export interface MaskedLanguageModelingOptions {
  /** Tokens in a row, special ones among them. */
  readonly blockSize?: number;
  /** Which share of the tokens is to be guessed. */
  readonly maskProbability?: number;
  /** All tokens of a word are hidden, or none. */
  readonly wholeWords?: boolean;
  /** Rows are two texts, of which the second follows the first in half of them, and the model also says which. */
  readonly nextSentence?: boolean;
}

/**
 * Rows of `blockSize` tokens of a text, between the tokenizer's first and last special tokens where it has them. The
 * tokenizer needs a mask token. The metric is exp of the mean loss over held-out tokens that are masked as in training,
 * always the same ones; `pseudoPerplexity` hides each token alone.
 */
export function maskedLanguageModeling({
  blockSize = 128,
  maskProbability = 0.15,
  wholeWords = false,
  nextSentence = false,
}: MaskedLanguageModelingOptions = {}): Task<TextData> {
  if (!(Number.isSafeInteger(blockSize) && blockSize >= 8))
    throw new TypeError(`masked-language-modeling: blockSize is ${blockSize}, but must be a whole number ≥ 8`);
  if (!(maskProbability > 0 && maskProbability < 1))
    throw new TypeError(`masked-language-modeling: maskProbability is ${maskProbability}, but must be between 0 and 1`);
  const perToken = { dtype: "int64", shape: ["batch", "time"] } as const;
  return {
    name: nextSentence ? "pretraining" : "masked-language-modeling",
    settings: { blockSize, maskProbability, wholeWords, nextSentence },
    batch: {
      input_ids: perToken,
      labels: perToken, // what is hidden, or −100
      ...(nextSentence && {
        token_type_ids: perToken,
        next_sentence_label: { dtype: "int64", shape: ["batch"] } as const, // 0: the second text follows
      }),
    },
    loss: (model, batch): Float => forward(model, batch)["loss"]!,
    evaluationLoss(model, { labels, next_sentence_label: _, ...inputs }) {
      const { logits, prediction_logits } = forward(model, inputs);
      return crossEntropy((logits ?? prediction_logits)!, labels as Ids);
    },
    metrics: (loss) => ({ masked_perplexity: Math.exp(loss) }),
    requirements: (tokenizer) => ({
      vocabulary: tokenizer.vocabSize,
      positions: blockSize,
      config: { pad_token_id: idOf(tokenizer, "pad") ?? null },
    }),
    open: (data, tokenizer, options) =>
      openMaskedText(data, tokenizer, {
        ...{ ...options, blockSize, nextSentence },
        masking: maskingOf(tokenizer, maskProbability, wholeWords),
      }),
  };
}

const idOf = (tokenizer: Tokenizer, role: "mask" | "pad") => {
  const token = tokenizer.specialTokens[role];
  return token === undefined ? undefined : tokenizer.tokenToId(token);
};

/** Throws a TypeError where the tokenizer has none. */
export function maskIdOf(tokenizer: Tokenizer): number {
  const maskId = idOf(tokenizer, "mask");
  if (maskId !== undefined) return maskId;
  throw new TypeError(
    "masked-language-modeling: the tokenizer has no mask token; train one with it: tokenizer train --special-tokens [PAD] [UNK] [CLS] [SEP] [MASK]",
  );
}

function maskingOf(tokenizer: Tokenizer, share: number, wholeWords: boolean): Masking {
  const maskId = maskIdOf(tokenizer);
  const special = new Set(Object.values(tokenizer.specialTokens));
  const ordinary = Array.from({ length: tokenizer.vocabSize }, (_, id) => id).filter((id) => {
    const token = tokenizer.idToToken(id);
    return token !== undefined && !special.has(token);
  });
  return { share, maskId, ordinary, continues: wholeWords ? continuationOf(tokenizer) : undefined };
}
