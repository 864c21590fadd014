/** The samples that a run shows: what they go on from, and how they are drawn. */
import { type GenerationOptions, generationConfig } from "../generate/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import type { Owner } from "./messages.ts";

export interface SampleOptions {
  readonly prompt?: string;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
}

export interface Sampling {
  readonly prompt: string;
  /** The prompt's ids, or where there is none, what a text begins after. */
  readonly start: readonly number[];
  readonly options: GenerationOptions;
}

/** Throws for a prompt that the tokenizer cannot say, and a TypeError for what is no length or temperature. */
export function samplingOf(
  tokenizer: Tokenizer,
  { prompt = "", maxNewTokens = 120, temperature = 0.8 }: SampleOptions = {},
): Sampling {
  const options = { maxNewTokens, temperature, doSample: true, whenFull: "slide" } as const;
  generationConfig(options);
  return { prompt, start: prompt === "" ? beginning(tokenizer) : Array.from(tokenizer.encodeIds(prompt)), options };
}

/** A text from the weights as they are, the same for a seed and a step. */
export const sampler =
  (owner: Owner, tokenizer: Tokenizer, seed: number, { prompt, start, options }: Sampling) =>
  async (step: number): Promise<string> => {
    const ids = await owner.sample(start, { ...options, seed: seed + step });
    return prompt + tokenizer.decode(ids, { skipSpecialTokens: true });
  };

/** A text to try the model with: one that its tokenizer knows all of. */
export function exampleOf(tokenizer: Tokenizer): string {
  const { vocabSize, specialTokens, tokenToId } = tokenizer;
  const unknown = specialTokens.unk === undefined ? undefined : tokenToId(specialTokens.unk);
  const known = (text: string): boolean => {
    try {
      return !tokenizer.encodeIds(text).includes(unknown ?? -1);
    } catch {
      return false;
    }
  };
  for (const text of ["The", "the"]) if (known(text)) return text;
  for (let id = 0; id < vocabSize; id++) {
    const text = tokenizer.decode([id], { skipSpecialTokens: true });
    if (text.trim() !== "" && known(text)) return text;
  }
  return "";
}

/** What a text begins after: the token for it, a newline, or whatever comes first in the vocabulary. */
const beginning = ({ specialTokens: { bos = "\n" }, tokenToId }: Tokenizer): number[] => [
  tokenToId(bos) ?? tokenToId("Ċ") ?? 0,
];
