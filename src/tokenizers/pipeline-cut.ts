/**
 * Where a text may be cut so that its parts, encoded alone, give the ids of the whole: before a single space between two
 * words, if every part of the pipeline is known to leave that place alone. For other pipelines there is no such place.
 */
import type { AddedToken } from "./added-tokens.ts";
import { isObject } from "./check-json.ts";
import type { Json } from "./tokenizer-json.ts";

type Cut = (text: string) => [head: string, rest: string];

const quiet = ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "BertNormalizer", "Nmt", "Precompiled"];
const cutsAtSpaces = ["BertPreTokenizer", "Whitespace", "WhitespaceSplit"];
const cutsWithin = ["Punctuation", "Digits"];

/** @param parts the normalizer and the pre-tokenizer as `tokenizer.json` has them. */
export function cutter(
  parts: { readonly normalizer: Json; readonly pre_tokenizer: Json },
  added: readonly AddedToken[],
): Cut {
  const normalizers = flat(parts.normalizer, "normalizers");
  const preTokenizers = flat(parts.pre_tokenizer, "pretokenizers");
  const spaced = preTokenizers.map(splitsBeforeSpace);
  const safe =
    normalizers.every(leavesSpaces) &&
    spaced.includes(true) &&
    preTokenizers.every((part, i) => spaced[i] || cutsWithin.includes(String(part["type"]))) &&
    !added.some(({ normalized, content }) => normalized && content.includes(" "));
  if (!safe) return (text) => ["", text];

  const place = /(?<=[\p{L}\p{N}]) (?=[\p{L}\p{N}])/uy;
  return (text) => {
    for (let at = text.length - 1; at > 0; at--) {
      place.lastIndex = at;
      if (text[at] === " " && place.test(text) && !added.some((token) => reaches(token, text, at)))
        return [text.slice(0, at), text.slice(at)];
    }
    return ["", text];
  };
}

type Part = { readonly [key: string]: Json };

/** The parts of a sequence, sequences within it too. */
function flat(part: Json, key: string): Part[] {
  if (!isObject(part)) return [];
  const inner = part[key];
  return part["type"] === "Sequence" && Array.isArray(inner) ? inner.flatMap((one: Json) => flat(one, key)) : [part];
}

function leavesSpaces(part: Part): boolean {
  if (quiet.includes(String(part["type"]))) return true;
  const pattern = part["pattern"];
  if (part["type"] !== "Replace" || !isObject(pattern)) return false;
  const { String: text, Regex: regex } = pattern as { String?: unknown; Regex?: unknown };
  return (typeof text === "string" && !text.includes(" ")) || regex === " {2,}";
}

function splitsBeforeSpace(part: Part): boolean {
  if (cutsAtSpaces.includes(String(part["type"]))) return true;
  if (part["type"] === "ByteLevel") return part["use_regex"] !== false || part["add_prefix_space"] === false;
  if (part["type"] === "Metaspace") return part["split"] !== false;
  // GPT-2's expression and those that grew from it, up to Llama 3's
  const pattern = part["pattern"];
  const regex = isObject(pattern) ? (pattern as { Regex?: unknown }).Regex : undefined;
  return part["type"] === "Split" && typeof regex === "string" && regex.endsWith(String.raw`|\s+(?!\S)|\s+`);
}

/** Whether a token stands across `at`, may do so when more text comes, or takes the space there along. */
function reaches({ content, rstrip }: AddedToken, text: string, at: number): boolean {
  if (rstrip && text.endsWith(content, at)) return true;
  for (let from = Math.max(0, at - content.length + 1); from < at; from++)
    if (content.startsWith(text.slice(from, from + content.length))) return true;
  return false;
}
