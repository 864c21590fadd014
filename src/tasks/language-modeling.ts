/** Language modelling: each position predicts the next token of a text. */
import { forward } from "../models/index.ts";
import { crossEntropy } from "../tensor/ops/index.ts";
import type { Float, Ids } from "../tensor/tensor.ts";
import type { Task } from "./task.ts";
import { openText, type TextData } from "./text.ts";

export interface LanguageModelingOptions {
  /** Tokens in a row. */
  readonly blockSize?: number;
  /**
   * Rows are read on from batch to batch, and a recurrent model goes on from the state that it was left in: truncated
   * back-propagation through time. Otherwise each row is from anywhere, and begins with a state of zeros.
   */
  readonly carryState?: boolean;
}

/** Rows of `blockSize` tokens from a text, and for each position the token after it. */
export function languageModeling({
  blockSize = 128,
  carryState = false,
}: LanguageModelingOptions = {}): Task<TextData> {
  if (!(Number.isSafeInteger(blockSize) && blockSize >= 1))
    throw new TypeError(`language-modeling: blockSize is ${blockSize}, but must be a whole number ≥ 1`);
  return {
    name: "language-modeling",
    settings: { blockSize, ...(carryState && { carryState }) },
    batch: {
      input_ids: { dtype: "int64", shape: ["batch", blockSize] },
      labels: { dtype: "int64", shape: ["batch", blockSize] }, // the next token of each position, or −100
      ...(carryState && { continues: { dtype: "float32", shape: ["batch"] } as const }),
    },
    carries: carryState,
    loss(model, { labels, continues: _, ...inputs }): Float {
      const { logits } = forward(model, inputs);
      return crossEntropy(logits!, labels as Ids);
    },
    metrics: (loss, { tokensPerCharacter = 1 }) => ({
      perplexity: Math.exp(loss),
      bits_per_character: (loss / Math.LN2) * tokensPerCharacter,
    }),
    requirements: ({ vocabSize }) => ({ vocabulary: vocabSize, positions: blockSize }),
    open: (data, tokenizer, options) => openText(data, tokenizer, { ...options, blockSize, carryState }),
  };
}
