/** How much of a text a vocabulary knows; what it does not is one token to the model, however different it is. */
import type { Tokenizer } from "../tokenizers/index.ts";

export interface Coverage {
  /** Counts more ids of the text. */
  add(ids: Int32Array): void;
  /** What there is to say where under half of the text is known; `of` is what was counted: "train", "source". */
  warnings(of: string): string[];
}

export function coverage({ specialTokens: { unk }, tokenToId }: Tokenizer): Coverage {
  const unknown = unk === undefined ? undefined : tokenToId(unk);
  let [tokens, known] = [0, 0];
  return {
    add(ids) {
      if (unknown === undefined) return; // it says every text
      tokens += ids.length;
      for (const id of ids) known += Number(id !== unknown);
    },
    warnings(of) {
      if (tokens === 0 || known / tokens >= 0.5) return [];
      const share = `${((100 * known) / tokens).toFixed(1)} % of the ${tokens.toLocaleString("en-US")} tokens`;
      return [
        `${of}: the vocabulary knows ${share}; the others are all one to the model: use a larger vocabulary, or a tokenizer of these texts`,
      ];
    },
  };
}
