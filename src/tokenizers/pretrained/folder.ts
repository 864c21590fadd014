/** A tokenizer from the files of a folder, wherever they are: on disk, on the hub, in a browser's cache. */
import { type JsonObject, object } from "../check-json.ts";
import { fromJson } from "../from-json.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { fromOlderFiles, type ReadFile } from "./older-files.ts";

/** @param read gives a file's bytes by its name; undefined if there is none. Errors begin with a file's name. */
export async function tokenizerFrom(read: ReadFile): Promise<Tokenizer> {
  const json = await readJson(read, "tokenizer.json");
  const config = await configOf(read);
  if (json !== undefined) return fromJson(json, config);
  const { model_type } = object((await readJson(read, "config.json")) ?? {}, "config.json");
  const older = await fromOlderFiles(read, config, typeof model_type === "string" ? model_type : undefined);
  if (!older) throw new Error("tokenizer.json: there is no such file; is this the folder of a model or a tokenizer?");
  const named = Object.entries(older.roles).map(([role, token]) => [`${role}_token`, token] as const);
  // its class would read the older files; `tokenizer.json`, which is what is saved, says everything
  return fromJson(older.json, { ...config, ...Object.fromEntries(named), tokenizer_class: "PreTrainedTokenizerFast" });
}

/** `tokenizer_config.json`; over it `special_tokens_map.json`, which is older than added tokens in the former; and a chat template of its own file. */
async function configOf(read: ReadFile): Promise<JsonObject> {
  const given = await readJson(read, "tokenizer_config.json");
  const config = object(given ?? {}, "tokenizer_config.json");
  const map = object((await readJson(read, "special_tokens_map.json")) ?? {}, "special_tokens_map.json");
  const template = await read("chat_template.jinja");
  return {
    ...config,
    ...("added_tokens_decoder" in config ? {} : map), // as transformers has it
    ...(template && { chat_template: new TextDecoder().decode(template) }),
  };
}

async function readJson(read: ReadFile, name: string): Promise<unknown> {
  const bytes = await read(name);
  if (!bytes) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${name}: is not UTF-8 text: ${firstWrong(bytes)}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** The first byte that is not UTF-8, and where it stands. */
function firstWrong(bytes: Uint8Array): string {
  let [good, bad] = [0, bytes.length + 1]; // the first `good` bytes begin a text, the first `bad` do not
  const beginning = (end: number) => {
    try {
      const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return decoder.decode(bytes.subarray(0, end), { stream: true });
    } catch {
      return undefined;
    }
  };
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (beginning(middle) === undefined) bad = middle;
    else good = middle;
  }
  const at = new TextEncoder().encode(beginning(good)).length; // without a character that is not whole
  return `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")} at position ${at}`;
}
