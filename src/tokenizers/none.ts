/** The tokenizer of tasks whose data is no text: it has no tokens. */
import type { Tokenizer } from "./tokenizer.ts";
import type { TokenizerJson } from "./tokenizer-json.ts";

const refuse = (): never => {
  throw new TypeError("tokenizer: this model's data is numbers; it has no tokens");
};

/** Of no size, says nothing, and is saved nowhere. */
export const noTokenizer: Tokenizer = {
  vocabSize: 0,
  specialTokens: {},
  encode: refuse,
  encodeBatch: refuse,
  encodeIds: refuse,
  decode: refuse,
  decodeStream: refuse,
  idToToken: () => undefined,
  tokenToId: () => undefined,
  cut: refuse,
  toJson: () => ({}) as TokenizerJson,
};
