/** Where a low-rank adapter of PEFT and its base lie, and what the adapter says of itself (Node). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, readJson } from "../formats/index.ts";
import { quoteList, show } from "../formats/quote.ts";
import { objectOf } from "./file-errors.ts";

export const CONFIG = "adapter_config.json";
const WHOLE = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"];

export interface AdapterPaths {
  readonly base: string;
  readonly adapter: string;
  /** The base is the folder that the adapter names, and was looked for. */
  readonly byName: boolean;
}

/** The adapter's folder: a path itself, or what it calls `adapter`; undefined where there is none. */
export function adapterFolder(path: string): string | undefined {
  const has = (...parts: string[]) => existsSync(join(path, ...parts));
  if (has(CONFIG)) return path;
  return !has("config.json") && has("adapter", CONFIG) ? join(path, "adapter") : undefined;
}

/**
 * The two folders of a path that is an adapter's own, or holds `base` and `adapter`; undefined of one that is neither. A
 * whole model in the adapter's own folder is its base. Throws an Error where the base is no folder here.
 */
export function adapterPaths(path: string): AdapterPaths | undefined {
  const adapter = adapterFolder(path);
  if (adapter === undefined) return undefined;
  if (adapter === path && isModel(path)) return { adapter, base: path, byName: false };
  const beside = join(path, "base");
  if (adapter !== path && existsSync(join(beside, "config.json"))) return { adapter, base: beside, byName: false };
  return { adapter, base: baseOf(adapter), byName: true };
}

/** A folder may keep the configuration of the base beside an adapter: without weights it is none. */
const isModel = (path: string): boolean =>
  existsSync(join(path, "config.json")) && WHOLE.some((file) => existsSync(join(path, file)));

/** The folder that the adapter's configuration names, seen from here, from the adapter or from a folder above it. */
function baseOf(adapter: string): string {
  const named = adapterConfig(adapter)["base_model_name_or_path"];
  const tried =
    typeof named === "string" && named !== ""
      ? [named, ...[".", "..", "../.."].map((above) => join(adapter, above, named))]
      : [];
  const found = tried.find((folder) => isModel(folder));
  if (found !== undefined) return found;
  const looked = tried.length > 0 ? ` (tried ${quoteList(tried)})` : "";
  throw new Error(
    `${join(adapter, CONFIG)}: its base, "base_model_name_or_path", is ${show(named)}, which is no model folder here${looked}; put both into one folder, the model as "base" and the adapter as "adapter", and name that`,
  );
}

/** What the adapter's configuration says. Throws an Error that names the file where it is none of PEFT's. */
export function adapterConfig(adapter: string): JsonObject {
  const file = join(adapter, CONFIG);
  const config = objectOf(file, readJson(file));
  if (config["peft_type"] === undefined)
    throw new Error(
      `${file}: there is no "peft_type"; is this an adapter's configuration? In Python, model.save_pretrained(…) of a PEFT model writes it`,
    );
  return config;
}

/** What PEFT's task types are called here. */
const TASKS: Readonly<Record<string, string>> = {
  SEQ_CLS: "text-classification",
  TOKEN_CLS: "token-classification",
  QUESTION_ANS: "question-answering",
  CAUSAL_LM: "language-modeling",
  FEATURE_EXTRACTION: "feature-extraction",
};

/** The task that an adapter was trained for; undefined where it does not say. */
export const adapterTask = (adapter: string): string | undefined =>
  TASKS[adapterConfig(adapter)["task_type"] as string];
