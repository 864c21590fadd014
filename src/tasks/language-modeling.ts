/** Language modelling: each position predicts the next token of a text. */
import { forward } from "../models/index.ts";
import { crossEntropy } from "../tensor/ops/index.ts";
import type { Float, Ids } from "../tensor/tensor.ts";
import type { Task } from "./task.ts";
import { openText, type TextData } from "./text.ts";

export interface LanguageModelingOptions {
  /** Tokens in a row. */
  readonly blockSize?: number;
}

/** Rows of `blockSize` tokens from a text, and for each position the token after it. */
export function languageModeling({ blockSize = 128 }: LanguageModelingOptions = {}): Task<TextData> {
  if (!(Number.isSafeInteger(blockSize) && blockSize >= 1))
    throw new TypeError(`language-modeling: blockSize is ${blockSize}, but must be a whole number ≥ 1`);
  return {
    name: "language-modeling",
    settings: { blockSize },
    batch: {
      input_ids: { dtype: "int64", shape: ["batch", "time"] },
      labels: { dtype: "int64", shape: ["batch", "time"] }, // the next token of each position, or −100
    },
    loss(model, { input_ids, labels }): Float {
      const { logits } = forward(model, { input_ids: input_ids! });
      return crossEntropy(logits!, labels as Ids);
    },
    metrics: (loss, { tokensPerCharacter = 1 }) => ({
      perplexity: Math.exp(loss),
      bits_per_character: (loss / Math.LN2) * tokensPerCharacter,
    }),
    requirements: ({ vocabSize }) => ({ vocabulary: vocabSize, positions: blockSize }),
    open: (data, tokenizer, options) => openText(data, tokenizer, { ...options, blockSize }),
  };
}
