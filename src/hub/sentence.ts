/** How a sentence-transformers folder makes a vector of a text, as its `modules.json` says (Node). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, readJson } from "../formats/index.ts";
import { show } from "../formats/quote.ts";

export interface SentenceSettings {
  readonly pooling: "mean" | "cls" | "max";
  /** Vectors have length 1. */
  readonly normalize: boolean;
  /** Tokens of a text that are read, special ones among them; undefined: as the tokenizer or the model says. */
  readonly maxLength: number | undefined;
}

const MODES = {
  pooling_mode_cls_token: "cls",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_max_tokens: "max",
} as const;

/**
 * A folder without `modules.json` pools by the mean, as sentence-transformers does. Throws for a module or a pooling that
 * changes vectors and is not implemented.
 */
export function sentenceSettings(path: string): SentenceSettings {
  const file = join(path, "modules.json");
  const maxLength = lengthOf(join(path, "sentence_bert_config.json"));
  if (!existsSync(file)) return { pooling: "mean", normalize: false, maxLength };
  let [pooling, normalize]: [SentenceSettings["pooling"], boolean] = ["mean", false];
  for (const module of listOf(file, readJson(file))) {
    const type = String(module["type"]).split(".").at(-1);
    if (type === "Pooling") pooling = poolingOf(join(path, String(module["path"] ?? ""), "config.json"));
    else if (type === "Normalize") normalize = true;
    else if (type !== "Transformer")
      throw new Error(
        `${file}: it has a module ${show(module["type"])}, but only Transformer, Pooling and Normalize are implemented`,
      );
  }
  return { pooling, normalize, maxLength };
}

function poolingOf(file: string): SentenceSettings["pooling"] {
  const config = readJson(file) as JsonObject;
  const on = Object.keys(config).filter((name) => name.startsWith("pooling_mode_") && config[name] === true);
  const [mode] = on;
  if (on.length === 1 && mode !== undefined && mode in MODES) return MODES[mode as keyof typeof MODES];
  throw new Error(
    `${file}: it pools by ${on.join(" and ") || "nothing"}, but must by one of ${Object.keys(MODES).join(", ")}`,
  );
}

function lengthOf(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const length = (readJson(file) as JsonObject)["max_seq_length"];
  return typeof length === "number" && Number.isSafeInteger(length) && length > 0 ? length : undefined;
}

function listOf(file: string, value: unknown): readonly JsonObject[] {
  if (Array.isArray(value) && value.every((x) => typeof x === "object" && x !== null)) return value as JsonObject[];
  throw new Error(`${file}: it holds no list of modules`);
}
