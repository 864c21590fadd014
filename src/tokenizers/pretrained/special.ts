/** Which special tokens a folder's files add, and with which numbers: in the order in which transformers 5.23 adds them. */
import { isObject, type JsonObject } from "../check-json.ts";
import type { Role } from "../tokenizer.ts";
import { contentOf, type Json } from "../tokenizer-json.ts";
import type { Built, Vocabulary } from "./recipes.ts";
import { addedOf } from "./sentencepiece.ts";

type Added = { readonly id: number; readonly content: string } & { readonly [key: string]: Json };

const order: readonly Role[] = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];

/** The entries of `added_tokens` by id; a token of the vocabulary keeps its number, others get the next ones. */
export function specialTokensOf(
  { model, extra = [], lstrip = [] }: Built,
  { sentencePiece }: Vocabulary,
  roles: { readonly [role in Role]?: string },
  config: JsonObject,
) {
  const known = idsOf(model);
  const found = new Map<string, Added>();
  const add = (content: string, settings: JsonObject = {}) => {
    if (found.has(content)) return;
    const id = known.get(content) ?? known.size;
    known.set(content, id);
    const flag = (name: string, absent = false) => (typeof settings[name] === "boolean" ? settings[name] : absent);
    const special = flag("special", true);
    const { single_word, rstrip } = { single_word: flag("single_word"), rstrip: flag("rstrip") };
    const normalized = flag("normalized", !special);
    const strip = flag("lstrip", lstrip.includes(content));
    found.set(content, { id, content, single_word, lstrip: strip, rstrip, normalized, special });
  };
  const tokens = (key: string): readonly Json[] => {
    const list = config[key];
    return Array.isArray(list) ? list : [];
  };
  const given = (token: Json) => {
    const content = contentOf(token);
    if (content !== undefined) add(content, isObject(token) ? (token as JsonObject) : {});
  };

  const decoder = config["added_tokens_decoder"];
  const numbered = isObject(decoder) ? Object.entries(decoder).sort(([a], [b]) => Number(a) - Number(b)) : [];
  for (const [, token] of numbered) given(token);
  for (const role of order) {
    const setting = config[`${role}_token`];
    if (roles[role] !== undefined)
      add(roles[role], isObject(setting) ? { ...(setting as JsonObject), special: true } : {});
  }
  for (const key of ["extra_special_tokens", "additional_special_tokens"])
    for (const token of tokens(key)) given(token);
  if (sentencePiece)
    for (const { content, special } of addedOf(sentencePiece)) add(content, { special, normalized: false });
  for (const token of extra) add(token);
  const added = [...found.values()].sort((a, b) => a.id - b.id);
  return { added, idOf: (token: string) => found.get(token)?.id ?? known.get(token) ?? 0 };
}

/**
 * `tokenizer.json` with the special tokens that only `tokenizer_config.json` names: they get the next numbers, as
 * transformers gives them. What is no tokenizer's file comes back as it is.
 */
export function withConfigTokens(json: unknown, config: JsonObject): unknown {
  if (!isObject(json) || !isObject(json["model"])) return json;
  const list = (json["added_tokens"] ?? []) as Json;
  if (!Array.isArray(list)) return json;
  const known = idsOf(json["model"] as Json);
  for (const entry of list) known.set(contentOf(entry) ?? "", known.get(contentOf(entry) ?? "") ?? known.size);
  const missing = new Map<string, Added>();
  const consider = (token: Json | undefined, special: boolean) => {
    const content = contentOf(token);
    if (content === undefined || content === "" || known.has(content)) return;
    const settings = isObject(token) ? (token as JsonObject) : {};
    const flag = (name: string, absent = false) => (typeof settings[name] === "boolean" ? settings[name] : absent);
    const is = special || flag("special", true);
    const { single_word, lstrip } = { single_word: flag("single_word"), lstrip: flag("lstrip") };
    const more = { rstrip: flag("rstrip"), normalized: flag("normalized", !is), special: is };
    missing.set(content, { id: known.size, content, single_word, lstrip, ...more });
    known.set(content, known.size);
  };
  const decoder = config["added_tokens_decoder"];
  const numbered = isObject(decoder) ? Object.entries(decoder).sort(([a], [b]) => Number(a) - Number(b)) : [];
  for (const [, token] of numbered) consider(token, false);
  for (const role of order) consider(config[`${role}_token`], true);
  for (const key of ["extra_special_tokens", "additional_special_tokens"]) {
    const tokens = config[key];
    if (Array.isArray(tokens)) for (const token of tokens) consider(token, true);
  }
  return missing.size === 0 ? json : { ...json, added_tokens: [...list, ...missing.values()] };
}

function idsOf(model: Json): Map<string, number> {
  const vocab = isObject(model) ? (model as JsonObject)["vocab"] : undefined;
  if (Array.isArray(vocab)) return new Map(vocab.map((entry: Json, id) => [String((entry as readonly Json[])[0]), id]));
  return new Map(isObject(vocab) ? Object.entries(vocab as { [token: string]: number }) : []);
}
