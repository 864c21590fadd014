/** What an `adapter_config.json` of PEFT may say of a low-rank adapter (Hu et al. 2021, arXiv:2106.09685). */
import type { JsonObject } from "../formats/index.ts";
import { quote } from "../formats/quote.ts";
import { type ConfigOf, configField as field, readConfig } from "../models/index.ts";

const isObject = (x: unknown): x is JsonObject => typeof x === "object" && x !== null && !Array.isArray(x);
const names = (x: unknown) => Array.isArray(x) && x.every((name) => typeof name === "string");

/** A number for each module that a pattern fits, before the one for all. */
const perPattern: field.Field<Readonly<Record<string, number>>> = {
  fallback: {},
  wants: "an object of patterns and numbers > 0",
  check: (x): x is Readonly<Record<string, number>> =>
    isObject(x) && Object.values(x).every((n) => typeof n === "number" && n > 0) && Object.keys(x).every(isPattern),
  orNull: true,
};

/** Names, or one pattern for whole names. */
const modules: field.Field<readonly string[] | string> = {
  fallback: undefined,
  wants: "a list of names, or a pattern",
  check: (x): x is readonly string[] | string => names(x) || (typeof x === "string" && isPattern(x)),
};

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** How first numbers of A and B alone are drawn; other ways change the base too. */
const DRAWN = [true, false, "gaussian", "eva", "orthogonal"];

const fields = {
  peft_type: field.only("LORA"),
  r: field.whole(8),
  lora_alpha: field.positive(8),
  target_modules: modules,
  rank_pattern: perPattern,
  alpha_pattern: perPattern,
  use_rslora: field.flag(false),
  bias: field.oneOf(["none", "all", "lora_only"], "none"),
  lora_bias: field.flag(false),
  modules_to_save: { fallback: [], wants: "a list of names, or null", check: names, orNull: true } as field.Field<
    readonly string[]
  >,
  init_lora_weights: {
    fallback: true,
    wants: `one of ${DRAWN.join(", ")}: others change the base's weights too, which is not implemented`,
    check: (x): x is boolean | string => DRAWN.includes(x as boolean | string),
    orNull: true,
  } satisfies field.Field<boolean | string>,
};
export type AdapterConfig = ConfigOf<typeof fields>;

/** Fields that say nothing about the numbers of an adapter that is trained: what made it, and by what it is found. */
const SILENT = new Set([
  ...["base_model_name_or_path", "auto_mapping", "task_type", "inference_mode", "revision", "peft_version"],
  ...["lora_dropout", "fan_in_fan_out", "exclude_modules", "layers_to_transform", "layers_pattern", "runtime_config"],
  ...["megatron_config", "megatron_core", "loftq_config", "eva_config", "corda_config", "lora_ga_config"],
  ...["qalora_group_size", "ensure_weight_tying"],
]);

/** Throws a TypeError for a field that will not do, and for one that is not known here and may change numbers. */
export function readAdapterConfig(given: JsonObject): AdapterConfig {
  const says = (x: unknown) =>
    x !== null && x !== false && !(typeof x === "object" && Object.keys(x as object).length === 0);
  if ((given["target_modules"] ?? null) === null)
    throw new TypeError(
      'LoRA: there is no "target_modules", which says what is adapted; write there the names that adapter_model.safetensors has before ".lora_A"',
    );
  const config = readConfig({ modelType: "LoRA", fields }, given);
  const strange = Object.keys(given).filter(
    (name) => !Object.hasOwn(fields, name) && !SILENT.has(name) && says(given[name]),
  );
  if (strange.length > 0)
    throw new TypeError(
      `LoRA: ${strange.map(quote).join(", ")} may change numbers, and is not implemented; merge the adapter in Python (merge_and_unload) and save the whole model`,
    );
  return config;
}

/** The rank of a module's adapter, and what it is multiplied by: α / r, or α / √r. */
export function scaleOf(c: AdapterConfig, module: string): { readonly rank: number; readonly scale: number } {
  const of = (patterns: Readonly<Record<string, number>>, otherwise: number) => {
    const pattern = Object.keys(patterns).find((key) => new RegExp(`^(.*\\.)?(${key})$`).test(module));
    return pattern === undefined ? otherwise : patterns[pattern]!;
  };
  const rank = of(c.rank_pattern, c.r);
  const alpha = of(c.alpha_pattern, c.lora_alpha);
  return { rank, scale: alpha / (c.use_rslora ? Math.sqrt(rank) : rank) };
}

/** Does the configuration name this module as one to adapt? */
export function isTarget({ target_modules: targets }: AdapterConfig, module: string): boolean {
  if (targets === "all-linear") return true;
  if (typeof targets === "string") return new RegExp(`^(?:${targets})$`).test(module);
  return targets.some((name) => module === name || module.endsWith(`.${name}`));
}
