/**
 * A tokenizer from the content of `tokenizer.json` and `tokenizer_config.json`: any whose parts are known here. The three
 * that need no pipeline, by character, by byte and by word, are recognised by their parts and read as what they are.
 */
import { byteAlphabet, byteParts, byteTokenizerOf } from "./byte.ts";
import { charParts, charTokenizerOf, isCharacter } from "./character.ts";
import { difference, fields, isObject, type JsonObject, object, show } from "./check-json.ts";
import { readVocab } from "./models/model.ts";
import { pipelineTokenizer } from "./pipeline.ts";
import { withConfigTokens } from "./pretrained/special.ts";
import type { Role, SpecialTokens, Tokenizer } from "./tokenizer.ts";
import { addedToken, contentOf, roles } from "./tokenizer-json.ts";
import { type Vocabulary, vocabulary } from "./vocabulary.ts";
import { mark, wordParts, wordTokenizerOf } from "./word.ts";

/**
 * Reads what `toJson` and `tokenizerConfig` write, and what Hugging Face's library writes.
 * Throws for any part, setting or vocabulary that is not known here, with its place in the file.
 */
export function fromJson(json: unknown, config: unknown = {}): Tokenizer {
  const settings = object(config, "tokenizer_config.json");
  const made = tokenizerOf(withConfigTokens(json, settings), settings);
  return Object.keys(settings).length === 0 ? made : { ...made, config: settings };
}

function tokenizerOf(json: unknown, config: JsonObject): Tokenizer {
  const file = fields(json, "tokenizer.json");
  const { vocab, ...model } = object(file.raw("model"), "tokenizer.json: model");
  const rolesOf = (known: ReadonlyMap<string, number>) => readRoles(config, known, model["unk_token"]);
  const tokens =
    isObject(vocab) && !Array.isArray(vocab) ? simpleTokens(vocab, file.raw("added_tokens") ?? []) : undefined;
  const simple =
    tokens && kinds(String(model["unk_token"] ?? "<unk>")).find((kind) => kind.fits(object(json, ""), model, tokens));
  return simple && tokens ? simple.make(tokens, rolesOf(tokens.all.ids)) : pipelineTokenizer(json, rolesOf);
}

interface Tokens {
  readonly all: Vocabulary;
  readonly special: readonly string[];
}

/** A tokenizer that needs no pipeline. */
interface Kind {
  fits(file: JsonObject, model: JsonObject, tokens: Tokens): boolean;
  make(tokens: Tokens, specialTokens: SpecialTokens): Tokenizer;
}

const slots = ["truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"];

function kinds(unk: string): Kind[] {
  const has = (parts: JsonObject, file: JsonObject, model: JsonObject) =>
    slots.every((slot) => difference(parts[slot], file[slot], slot) === undefined) &&
    difference(parts["model"], model, "model") === undefined;
  const wordLevel = { type: "WordLevel", unk_token: unk };
  const word = (lowercase: boolean): Kind => ({
    fits: (file, model, { all }) =>
      has({ ...wordParts(unk, lowercase), model: wordLevel }, file, model) &&
      all.ids.has(unk) &&
      !all.tokens.some((token) => token.includes(mark)),
    make: ({ all, special }, specialTokens) => wordTokenizerOf(all, special, { ...specialTokens, unk }, lowercase),
  });
  const character: Kind = {
    fits: (file, model, { all, special }) =>
      has({ ...charParts, model: wordLevel }, file, model) &&
      all.tokens.every((token) => isCharacter(token) || token === unk || special.includes(token)),
    make({ all, special }, { unk: _, ...others }) {
      return charTokenizerOf(all, special, all.ids.has(unk) ? { ...others, unk } : others);
    },
  };
  const byte: Kind = {
    fits: (file, model, { all, special }) =>
      has({ ...byteParts }, file, model) &&
      byteAlphabet.every((token, byte) => all.tokens[byte] === token) &&
      all.tokens.slice(256).every((token) => special.includes(token) && /^[ -~]*$/.test(token)),
    make: ({ all }, specialTokens) => byteTokenizerOf(all.tokens.slice(256), specialTokens),
  };
  return [character, byte, word(false), word(true)];
}

/** The model's tokens, then the added ones that are not among them, if all those are plain special tokens. */
function simpleTokens(vocab: JsonObject, added: unknown): Tokens | undefined {
  const tokens: string[] = [];
  for (const [token, id] of readVocab(vocab, "tokenizer.json: model.vocab", show)) tokens[id] = token;
  const [count, special] = [Object.keys(vocab).length, [] as string[]];
  if (tokens.length !== count || !Array.isArray(added)) return undefined;
  const ids = new Map(tokens.map((token, id) => [token, id]));
  for (const entry of added) {
    const content: unknown = isObject(entry) ? entry["content"] : undefined;
    if (typeof content !== "string" || [...content].length < 2) return undefined;
    const id = ids.get(content) ?? tokens.length;
    if (difference(addedToken(id, content), entry, "") !== undefined) return undefined;
    tokens[id] = content;
    ids.set(content, id);
    special.push(content);
  }
  return { all: vocabulary(tokens), special };
}

/** The tokens of `tokenizer_config.json` by their parts, each written as a string or as an added token. */
function readRoles(config: JsonObject, known: ReadonlyMap<string, number>, unk: unknown): SpecialTokens {
  const found: { [role in Role]?: string } = {};
  if (typeof unk === "string" && known.has(unk)) found.unk = unk;
  for (const role of roles) {
    const value = config[`${role}_token`] ?? undefined;
    if (value === undefined) continue;
    const token = contentOf(value);
    if (token === undefined)
      throw new Error(`tokenizer_config.json: ${role}_token must be a token, but is ${show(value)}`);
    found[role] = token;
  }
  return found;
}
