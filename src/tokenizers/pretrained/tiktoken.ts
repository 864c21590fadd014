/**
 * `tiktoken` ranks as the content of `tokenizer.json`: a line a token, its bytes in base64 and its number. Two tokens are
 * merged where their bytes together are a token, the lowest number first (`tiktoken/load.py` and `openai_public.py`, 0.14).
 */
import { byteAlphabet } from "../byte.ts";
import { show } from "../check-json.ts";
import { addedToken, type TokenizerJson } from "../tokenizer-json.ts";
import { mergesOf } from "./sentencepiece.ts";

const contractions = "(?i:[sdmt]|ll|ve|re)";

/** How the published vocabularies cut texts before they merge. */
export const tiktokenPatterns = {
  gpt2: String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  cl100k_base: String.raw`'${contractions}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  o200k_base: [
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+('${contractions})?`,
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*('${contractions})?`,
    String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ].join("|"),
  llama3: String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
} as const;

export interface TiktokenOptions {
  /** A name of {@link tiktokenPatterns} or an expression of one's own (default "llama3", which transformers assumes). */
  pattern?: keyof typeof tiktokenPatterns | (string & {});
  /** They get the numbers after the last rank, in this order, or those that an object gives them. */
  specialTokens?: readonly string[] | { readonly [token: string]: number };
}

/** @throws for a line that is no token and number, and for a number or a token that comes twice. */
export function fromTiktoken(ranks: string, options: TiktokenOptions = {}, place = "tiktoken"): TokenizerJson {
  const { pattern = "llama3", specialTokens = [] } = options;
  const tokens: string[] = [];
  const seen = new Set<string>();
  for (const [i, line] of ranks.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [encoded = "", number, ...more] = line.trim().split(" ");
    const token = /^\d+$/.test(number ?? "") && more.length === 0 ? spelled(encoded) : undefined;
    if (token === undefined || token === "")
      throw new Error(`${place}: line ${i + 1} must be base64 and a number, but is ${show(line)}`);
    const id = Number(number);
    if (tokens[id] !== undefined || seen.has(token))
      throw new Error(`${place}: line ${i + 1}: ${show(line)} comes twice`);
    tokens[id] = token;
    seen.add(token);
  }
  const missing = byteAlphabet.findIndex((letter) => !seen.has(letter));
  if (missing >= 0) throw new Error(`${place}: it has no token for the byte ${missing}; was it cut?`);
  const ordered = tokens.flatMap((token) => (token === undefined ? [] : [token])); // by rank; numbers may be left out
  const special: [string, number][] = Array.isArray(specialTokens)
    ? specialTokens.map((token: string, i) => [token, tokens.length + i])
    : Object.entries(specialTokens as { readonly [token: string]: number });
  const regex = Object.hasOwn(tiktokenPatterns, pattern)
    ? tiktokenPatterns[pattern as keyof typeof tiktokenPatterns]
    : pattern;
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  const numbered = tokens.map((token, id) => [token, id] as const).filter(([token]) => token !== undefined);
  const vocab = Object.fromEntries(numbered);
  return {
    ...{ version: "1.0", truncation: null, padding: null, normalizer: null },
    added_tokens: special.sort(([, a], [, b]) => a - b).map(([token, id]) => addedToken(id, token)),
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [{ type: "Split", pattern: { Regex: regex }, behavior: "Isolated", invert: false }, bytes],
    },
    post_processor: { ...bytes, trim_offsets: false },
    decoder: { ...bytes, use_regex: true },
    model: {
      ...{ type: "BPE", dropout: null, unk_token: null, fuse_unk: false, byte_fallback: false, ignore_merges: true },
      vocab: { ...vocab, ...Object.fromEntries(special) },
      merges: mergesOf(ordered),
    },
  };
}

/** Base64 in GPT-2's byte alphabet; undefined for what is none. */
function spelled(encoded: string): string | undefined {
  try {
    return Array.from(atob(encoded), (byte) => byteAlphabet[byte.charCodeAt(0)]!).join("");
  } catch {
    return undefined;
  }
}
