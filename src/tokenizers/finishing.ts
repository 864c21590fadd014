/** What happens to encoded texts before a caller gets them: pairs, truncation, special tokens, padding, batches. */
import type { Fields } from "./check-json.ts";
import type { Encoding } from "./encoding.ts";
import type { Dropout } from "./models/bpe-dropout.ts";
import { finish as joinFinished, type Processor } from "./processors/processor.ts";
import { type PaddingOptions, pad, type TruncationOptions, truncate } from "./truncation.ts";

export interface EncodeOptions {
  /** A second text. */
  pair?: string;
  /** Whether the post-processor adds its special tokens (default true). */
  addSpecialTokens?: boolean;
  /** Null: no limit. Default: what the tokenizer's file says, usually no limit. */
  truncation?: TruncationOptions | null;
  /** Null: no padding. Default: what the tokenizer's file says, usually none. */
  padding?: PaddingOptions | null;
  /** BPE-dropout. Null: none. Default: what the tokenizer's file says, usually none; it then draws from Math.random. */
  dropout?: Dropout | null;
}

export interface Finishing {
  readonly processor?: Processor | undefined;
  readonly truncation?: TruncationOptions | undefined;
  readonly padding?: PaddingOptions | undefined;
}

/** @param encode one text, as it is. */
export function finishing(
  encode: (text: string, options: EncodeOptions) => Encoding,
  { processor, truncation, padding }: Finishing = {},
) {
  function unpadded(text: string, options: EncodeOptions): Encoding {
    const { pair, addSpecialTokens = true } = options;
    const texts = pair === undefined ? [encode(text, options)] : [encode(text, options), encode(pair, options)];
    const limit = options.truncation === undefined ? truncation : options.truncation;
    if (!limit) return joinOf(texts, addSpecialTokens);
    const added = addSpecialTokens && processor ? processor.added(pair !== undefined) : 0;
    const maxLength = limit.maxLength - added;
    if (maxLength < 0)
      throw new Error(
        `truncation: maxLength is ${limit.maxLength}, less than the ${added} special tokens that are added`,
      );
    return joinOf(truncate(texts, { ...limit, maxLength }), addSpecialTokens);
  }
  const joinOf = (texts: readonly Encoding[], addSpecialTokens: boolean) =>
    processor || texts.length > 1 ? joinFinished(processor, texts, addSpecialTokens) : texts[0]!;

  function batch(texts: readonly (string | readonly [string, string])[], options: EncodeOptions = {}): Encoding[] {
    const encodings = texts.map((text) =>
      typeof text === "string" ? unpadded(text, options) : unpadded(text[0], { ...options, pair: text[1] }),
    );
    const by = options.padding === undefined ? padding : options.padding;
    return by ? pad(encodings, by) : encodings;
  }
  return {
    batch,
    finish(text: string, options: EncodeOptions = {}): Encoding {
      const by = options.padding === undefined ? padding : options.padding;
      return by ? pad([unpadded(text, options)], by)[0]! : unpadded(text, options);
    },
  };
}

const directions = { Left: "left", Right: "right" } as const;
const strategies = { LongestFirst: "longestFirst", OnlyFirst: "onlyFirst", OnlySecond: "onlySecond" } as const;

export const readTruncation = (part: Fields): TruncationOptions => ({
  maxLength: part.count("max_length"),
  strategy: strategies[part.choice("strategy", ["LongestFirst", "OnlyFirst", "OnlySecond"], "LongestFirst")],
  stride: part.count("stride", 0),
  direction: directions[part.choice("direction", ["Left", "Right"], "Right")],
});

export function readPadding(part: Fields): PaddingOptions {
  const longest = part.raw("strategy") === "BatchLongest";
  const multiple = part.count("pad_to_multiple_of", 0);
  return {
    ...(longest ? {} : { length: part.inner("strategy").count("Fixed") }),
    ...(multiple > 0 ? { multipleOf: multiple } : {}),
    direction: directions[part.choice("direction", ["Left", "Right"])],
    padId: part.count("pad_id"),
    padTypeId: part.count("pad_type_id"),
    padToken: part.text("pad_token"),
  };
}
