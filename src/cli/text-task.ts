/** What a folder's head is evaluated on: a text, as its task reads one. */
import { languageModeling, maskedLanguageModeling, pseudoPerplexity, type Task } from "../tasks/index.ts";
import type { TextData } from "../tasks/text.ts";
import { UserError } from "./errors.ts";

interface Asked {
  readonly blockSize: number;
  /** Every token is hidden alone. */
  readonly pseudoPerplexity: boolean;
}

const evaluated: Readonly<Record<string, (blockSize: number) => Task<TextData>>> = {
  "language-modeling": (blockSize) => languageModeling({ blockSize }),
  "masked-language-modeling": (blockSize) => maskedLanguageModeling({ blockSize }),
  pretraining: (blockSize) => maskedLanguageModeling({ blockSize, nextSentence: true }),
  "sentence-order-pretraining": (blockSize) => maskedLanguageModeling({ blockSize }),
};

/** Throws a UserError for a task that no held-out text can be had for. */
export function textTask(task: string, { blockSize, pseudoPerplexity: alone }: Asked): Task<TextData> {
  const found = Object.hasOwn(evaluated, task) ? evaluated[task] : undefined;
  if (!found)
    throw new UserError(`evaluate: the folder's head is for ${task}`, {
      remedy: `heads that can be evaluated are for ${Object.keys(evaluated).join(", ")}, translation and sequence-regression`,
    });
  if (!alone) return found(blockSize);
  if (task !== "language-modeling") return pseudoPerplexity({ blockSize });
  throw new UserError("--pseudo-perplexity is of masked-language models, and the folder's is none", {
    remedy: "leave it out: its perplexity is exact",
  });
}
