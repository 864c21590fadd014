/**
 * The two files in which Hugging Face keeps a tokenizer, as objects. `tokenizer.json` is a pipeline: text → normalizer
 * → pre-tokenizer (pieces) → model (ids); tokens → decoder → text. Format: the Rust crate `tokenizers`, version 0.23.
 */
import type { Algorithm, Role, SpecialTokens } from "./tokenizer.ts";
import type { Vocabulary } from "./vocabulary.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The pipeline without the vocabulary's special tokens. Each part says its `type`; null does nothing. */
export interface TokenizerParts {
  readonly normalizer: Json;
  readonly pre_tokenizer: Json;
  readonly post_processor: Json;
  readonly decoder: Json;
  readonly model: Json;
}

export interface TokenizerJson extends TokenizerParts {
  readonly version: "1.0";
  readonly truncation: Json;
  readonly padding: Json;
  readonly added_tokens: readonly { readonly [key: string]: Json }[];
}

/** A special token's entry; `normalized: false` looks for it in the text as it was written. */
export const addedToken = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

export const tokenizerJson = ({ vocabulary, special, parts }: Algorithm): TokenizerJson => ({
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: special.map((token) => addedToken(vocabulary.ids.get(token)!, token)),
  normalizer: parts.normalizer,
  pre_tokenizer: parts.pre_tokenizer,
  post_processor: parts.post_processor,
  decoder: parts.decoder,
  model: parts.model,
});

/** Pieces looked up whole. Hugging Face refuses unknown pieces if `unk_token`, which must be written, is not in `vocab`. */
export const wordLevel = ({ ids }: Vocabulary, unk = "<unk>") => ({
  type: "WordLevel",
  vocab: Object.fromEntries(ids),
  unk_token: unk,
});

/** A token of a configuration: a string, or an object with its content. */
export function contentOf(token: unknown): string | undefined {
  const content = typeof token === "object" && token !== null ? (token as { content?: unknown }).content : token;
  return typeof content === "string" ? content : undefined;
}

export const roles: readonly Role[] = ["unk", "bos", "eos", "pad", "sep", "cls", "mask"];

/**
 * The content of `tokenizer_config.json`, by which `AutoTokenizer` knows the class and which token plays which part.
 * Clean-up would take the space out of "a , b" after decoding.
 * Beside a `config.json` of a few model types (transformers 5.23: qwen2, qwen3_5, siglip2) `AutoTokenizer` ignores the
 * class and builds its own; `PreTrainedTokenizerFast.from_pretrained` reads the folder there too.
 */
export const tokenizerConfig = (specialTokens: SpecialTokens): { [key: string]: Json } => ({
  tokenizer_class: "PreTrainedTokenizerFast",
  clean_up_tokenization_spaces: false,
  ...Object.fromEntries(Object.entries(specialTokens).map(([role, token]) => [`${role}_token`, token])),
});

/** The content of `special_tokens_map.json`, from which older versions of Hugging Face's library learn the parts. */
export const specialTokensMap = (specialTokens: SpecialTokens): { [key: string]: string } =>
  Object.fromEntries(Object.entries(specialTokens).map(([role, token]) => [`${role}_token`, token]));
