/**
 * A tokenizer from the content of `tokenizer.json` and `tokenizer_config.json`. Nothing is trusted: every part is
 * compared with those known here and the first that differs is named, because a part left out gives wrong ids silently.
 */
import { byteAlphabet, byteParts, byteTokenizerOf } from "./byte.ts";
import { charParts, charTokenizerOf, isCharacter } from "./character.ts";
import { difference, isObject, type JsonObject, object, show, types } from "./check-json.ts";
import type { Role, SpecialTokens, Tokenizer } from "./tokenizer.ts";
import { addedToken, type Json, roles } from "./tokenizer-json.ts";
import { type Vocabulary, vocabulary } from "./vocabulary.ts";
import { wordParts, wordTokenizerOf } from "./word.ts";

/** A tokenizer that can be read: the parts its file must have, and how the vocabulary becomes one. */
interface Kind {
  name: string;
  parts: JsonObject;
  make(vocabulary: Vocabulary, special: readonly string[], specialTokens: SpecialTokens): Tokenizer;
}

/**
 * Reads what `toJson` and `tokenizerConfig` write, and what Hugging Face's library makes of it when it saves again.
 * Throws for any part, setting or vocabulary that is not known here, with its place in the file.
 */
export function fromJson(json: unknown, config: unknown = {}): Tokenizer {
  const file = object(json, "tokenizer.json");
  const { vocab, ...model } = object(file["model"], "tokenizer.json: model");
  const unk = typeof model["unk_token"] === "string" ? model["unk_token"] : "<unk>";
  const kind = kindOf({ ...file, model }, kinds(unk));
  const { all, special } = readTokens(vocab, file["added_tokens"] ?? []);
  return kind.make(all, special, readRoles(object(config, "tokenizer_config.json"), special));
}

function kinds(unk: string): Kind[] {
  const model = { type: "WordLevel", unk_token: unk };
  const word = (lowercase: boolean): Kind => ({
    name: "word",
    parts: { ...wordParts(unk, lowercase), model },
    make(vocabulary, special, specialTokens) {
      if (!vocabulary.ids.has(unk)) throw fault(`model.vocab does not hold model.unk_token, ${show(unk)}`);
      return wordTokenizerOf(vocabulary, special, { ...specialTokens, unk }, lowercase);
    },
  });
  const character: Kind = {
    name: "character",
    parts: { ...charParts, model },
    make(vocabulary, special, { unk: _, ...others }) {
      const long = vocabulary.tokens.find((token) => !isCharacter(token) && ![unk, ...special].includes(token));
      if (long !== undefined)
        throw fault(`model.vocab holds ${show(long)}, which is neither special nor one character`);
      return charTokenizerOf(vocabulary, special, vocabulary.ids.has(unk) ? { ...others, unk } : others);
    },
  };
  const byte: Kind = {
    name: "byte",
    parts: { ...byteParts },
    make({ tokens, ids }, special, specialTokens) {
      const byte = byteAlphabet.findIndex((token, byte) => tokens[byte] !== token);
      if (byte >= 0)
        throw fault(`model.vocab.${byteAlphabet[byte]} is ${show(ids.get(byteAlphabet[byte]!))} instead of ${byte}`);
      const plain = tokens.slice(256).find((token) => !special.includes(token));
      if (plain !== undefined) throw fault(`model.vocab holds ${show(plain)}, which is neither special nor a byte`);
      return byteTokenizerOf(tokens.slice(256), specialTokens);
    },
  };
  return [character, byte, word(false), word(true)];
}

const slots = ["truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"];

/** The kind whose parts these are; if there is none, the error says what keeps the most similar one from being it. */
function kindOf(file: JsonObject, known: Kind[]): Kind {
  for (const slot of slots) {
    const names = new Set(known.flatMap(({ parts }) => [...types(parts[slot], slot)].map(({ type }) => type)));
    const list = [...names].join(", ") || "none";
    for (const { type, path } of types(file[slot], slot))
      if (!names.has(type)) throw fault(`${path} is of type ${show(type)}, which is not known here (known: ${list})`);
  }
  const compared = known.map((kind) => ({
    kind,
    differences: slots.flatMap((slot) => difference(kind.parts[slot], file[slot], slot) ?? []),
  }));
  const best = compared.reduce((a, b) => (b.differences.length < a.differences.length ? b : a));
  if (best.differences[0]) throw fault(`${best.differences[0]}, the only one known in a ${best.kind.name} tokenizer`);
  return best.kind;
}

/** The model's tokens, then the added ones that are not among them. */
function readTokens(vocab: Json | undefined, added: Json): { all: Vocabulary; special: string[] } {
  const entries = Object.entries(object(vocab, "tokenizer.json: model.vocab"));
  const tokens: string[] = [];
  for (const [token, id] of entries) {
    if (!token.isWellFormed()) throw fault(`model.vocab holds ${show(token)}, half of a surrogate pair`);
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= entries.length)
      throw fault(
        `model.vocab.${token} is ${show(id)}; the ids of ${entries.length} tokens are 0 … ${entries.length - 1}`,
      );
    if (tokens[id] !== undefined)
      throw fault(`model.vocab gives the id ${id} to ${show(tokens[id])} and to ${show(token)}`);
    tokens[id] = token;
  }
  if (!Array.isArray(added)) throw fault(`added_tokens must be an array, but is ${show(added)}`);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const special = added.map((entry: unknown, i) => {
    const place = `added_tokens[${i}]`;
    const given = object(entry, `tokenizer.json: ${place}`);
    const content = given["content"];
    if (typeof content !== "string") throw fault(`${place}.content must be a string, but is ${show(content)}`);
    const id = ids.get(content) ?? tokens.length;
    const different = difference(addedToken(id, content), given, place);
    if (different !== undefined) throw fault(`${different}, the only one known here`);
    if (id === tokens.length) tokens.push(content);
    ids.set(content, id);
    return content;
  });
  return { all: vocabulary(tokens), special };
}

/** The tokens of `tokenizer_config.json` by their parts, each written as a string or as an added token. */
function readRoles(config: JsonObject, special: readonly string[]): SpecialTokens {
  const found: { [role in Role]?: string } = {};
  for (const role of roles) {
    const value = config[`${role}_token`] ?? undefined;
    const token = isObject(value) ? value["content"] : value;
    if (token === undefined) continue;
    if (typeof token !== "string" || !special.includes(token))
      throw new Error(
        `tokenizer_config.json: ${role}_token is ${show(token)}, which is not among tokenizer.json's added_tokens`,
      );
    found[role] = token;
  }
  return found;
}

const fault = (message: string) => new Error(`tokenizer.json: ${message}`);
