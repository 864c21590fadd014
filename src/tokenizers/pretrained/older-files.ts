/**
 * A tokenizer from the files that came before `tokenizer.json`: `vocab.txt`, `vocab.json` with `merges.txt`, SentencePiece's
 * `.model`, `tiktoken` ranks. `tokenizer_class`, or `model_type` of `config.json`, says what to make of them, as in
 * Hugging Face's transformers 5.23; where neither does, the files themselves do.
 */
import { isObject, type JsonObject, show } from "../check-json.ts";
import type { Role } from "../tokenizer.ts";
import { contentOf, type Json, roles, type TokenizerJson } from "../tokenizer-json.ts";
import { mergePairs, vocabTxtIds } from "../vocabulary-files.ts";
import { type Built, classOfModel, type Recipe, recipes, type Settings, type Vocabulary } from "./recipes.ts";
import { fromSentencePiece } from "./sentencepiece.ts";
import { readSentencePiece } from "./sentencepiece-file.ts";
import { specialTokensOf } from "./special.ts";
import { fromTiktoken } from "./tiktoken.ts";

/** Reads a file of the folder; undefined if there is none. */
export type ReadFile = (name: string) => Promise<Uint8Array | undefined>;

const sentencePieceFiles = ["spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "spm.model"];

/** One of these makes a folder a tokenizer's. */
export const vocabularyFiles: readonly string[] = [
  ...["tokenizer.json", "vocab.txt", "vocab.json", "encoder.json", "tiktoken.model"],
  ...sentencePieceFiles,
];

/**
 * @param config the content of `tokenizer_config.json`, `special_tokens_map.json`'s added.
 * @returns undefined where the folder has none of these files. Throws for a class that is not known here.
 */
export async function fromOlderFiles(read: ReadFile, config: JsonObject, modelType?: string) {
  const tiktoken = await read("tiktoken.model");
  if (tiktoken) return asTiktoken(tiktoken, "tiktoken.model", config);
  const found = await vocabularyOf(read);
  if (!found) return undefined;
  if ("ranks" in found) return asTiktoken(found.ranks, found.name, config);

  const named = config["tokenizer_class"];
  const general = ["PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend"].includes(String(named));
  const byModel = modelType === undefined ? undefined : classOfModel[modelType];
  const name = typeof named === "string" && !general ? named.replace(/Fast$/, "") : byModel;
  if (name === undefined && found.sentencePiece)
    return { json: fromSentencePiece(found.sentencePiece), roles: rolesOf(config, {}) };
  const byFile = found.reads === "vocab.txt" ? "BertTokenizer" : "GPT2Tokenizer";
  const recipe = Object.hasOwn(recipes, name ?? byFile) ? recipes[name ?? byFile] : undefined;
  if (!recipe)
    throw new Error(
      `tokenizer_config.json: tokenizer_class is ${show(name)}, whose ${found.name} is not known here (known: ${Object.keys(recipes).join(", ")}); ` +
        "in Python, AutoTokenizer.from_pretrained(…).save_pretrained(…) writes a tokenizer.json, which is",
    );
  if (recipe.reads !== found.reads)
    throw new Error(`${name ?? byFile} reads ${recipe.reads}, but the folder has ${found.name}`);
  return assembled(recipe, found, config);
}

async function vocabularyOf(read: ReadFile) {
  const text = async (name: string) => {
    const bytes = await read(name);
    return bytes && utf8(bytes, name);
  };
  const vocabTxt = await text("vocab.txt");
  if (vocabTxt !== undefined) return { name: "vocab.txt", reads: "vocab.txt", vocab: vocabTxtIds(vocabTxt) } as const;
  for (const [name, mergesName] of [
    ["vocab.json", "merges.txt"],
    ["encoder.json", "vocab.bpe"],
  ] as const) {
    const [vocab, merges] = [await text(name), await text(mergesName)];
    if (vocab === undefined || merges === undefined) continue;
    const ids = parsed(vocab, name) as { readonly [token: string]: number };
    return { name, reads: "vocab.json", vocab: ids, merges: mergePairs(merges, mergesName) } as const;
  }
  for (const name of sentencePieceFiles) {
    const bytes = await read(name);
    if (!bytes) continue;
    if (isTiktoken(bytes)) return { name, ranks: bytes } as const;
    return { name, reads: "SentencePiece", sentencePiece: readSentencePiece(bytes, name) } as const;
  }
  return undefined;
}

/** Llama 3's `tokenizer.model` is one: lines of base64, where SentencePiece begins with a field's number. */
const isTiktoken = (bytes: Uint8Array) =>
  /^[A-Za-z0-9+/=]+ \d+\r?\n/.test(String.fromCharCode(...bytes.subarray(0, 200)));

function asTiktoken(bytes: Uint8Array, name: string, config: JsonObject) {
  const added = isObject(config["added_tokens_decoder"]) ? Object.entries(config["added_tokens_decoder"]) : [];
  const specialTokens = Object.fromEntries(added.map(([id, token]) => [contentOf(token) ?? "", Number(id)]));
  return { json: fromTiktoken(utf8(bytes, name), { specialTokens }, name), roles: rolesOf(config, {}) };
}

function assembled(recipe: Recipe, found: Vocabulary, config: JsonObject) {
  const settings: Settings = {
    roles: rolesOf(config, recipe.roles),
    flag: (name, absent) => (typeof config[name] === "boolean" ? config[name] : absent),
  };
  const built: Built = recipe.build(found as Required<Vocabulary>, settings);
  const { added, idOf } = specialTokensOf(built, found, settings.roles, config);
  const template = built.template ?? endsOf(settings);
  const post_processor =
    built.post_processor?.(idOf) ?? (template.single === "$A" ? null : templateProcessing(template, idOf));
  const { normalizer, pre_tokenizer, decoder, model } = built;
  const parts = { normalizer, pre_tokenizer, post_processor, decoder, model };
  const json: TokenizerJson = { version: "1.0", truncation: null, padding: null, added_tokens: added, ...parts };
  return { json, roles: settings.roles };
}

function endsOf({ flag, roles: { bos, eos } }: Settings) {
  const before = flag("add_bos_token", false) && bos !== undefined ? bos : "";
  const after = flag("add_eos_token", false) && eos !== undefined ? eos : "";
  const join = (...parts: string[]) => parts.filter((part) => part !== "" && part !== ":1").join(" ");
  const single = join(before, "$A", after);
  return { single, pair: join(single, `${before}:1`, "$B:1", `${after}:1`) };
}

/** "[CLS] $A [SEP] $B:1 [SEP]:1" as `tokenizer.json` spells it out. */
function templateProcessing({ single, pair }: { single: string; pair: string }, idOf: (token: string) => number): Json {
  const tokens = new Set<string>();
  const pieces = (template: string) =>
    template.split(" ").map((word) => {
      const [, id = "", type = "0"] = /^(.*?)(?::(\d))?$/.exec(word) ?? [];
      if (id.startsWith("$")) return { Sequence: { id: id.slice(1), type_id: Number(type) } };
      tokens.add(id);
      return { SpecialToken: { id, type_id: Number(type) } };
    });
  const both = { single: pieces(single), pair: pieces(pair) };
  const special = [...tokens].map((id): [string, Json] => [id, { id, ids: [idOf(id)], tokens: [id] }]);
  return { type: "TemplateProcessing", ...both, special_tokens: Object.fromEntries(special) };
}

/** A class's tokens by their parts, and in their stead those that the configuration names; null: none. */
function rolesOf(config: JsonObject, absent: Settings["roles"]): Settings["roles"] {
  const found: { [role in Role]?: string } = {};
  for (const role of roles) {
    const given = config[`${role}_token`];
    const token = given === undefined ? absent[role] : contentOf(given);
    if (token !== undefined) found[role] = token;
  }
  return found;
}

function utf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${name}: is not UTF-8 text`, { cause });
  }
}

function parsed(text: string, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name}: is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (isObject(value) && !Array.isArray(value)) return value;
  throw new Error(`${name} must be an object, but is ${show(value)}`);
}
