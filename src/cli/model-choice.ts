/** Which model a command line means: a folder, or a registered type with settings of its own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { JsonObject } from "../formats/index.ts";
import type { ModelSpec } from "../models/index.ts";
import { UserError } from "./errors.ts";

export interface ModelOptions {
  /** "n_layer=4", later ones win. */
  readonly set?: readonly string[];
  /** A JSON file of the same settings. */
  readonly modelConfig?: string;
}
export interface ModelChoice {
  readonly spec: ModelSpec;
  /** Absent for a registered type, which has no numbers yet. */
  readonly folder?: string;
}

/** Adds the options that choose a model's sizes. */
export const modelOptions = (command: Command): Command =>
  command
    .option("--set <name=value...>", "settings of the model, such as n_layer=4 n_embd=128; the last one wins")
    .option("--model-config <file>", "settings of the model as a JSON file");

/**
 * A folder that exists, else a registered type. Throws a UserError for an unknown type, an unknown or impossible setting,
 * a file that is no JSON object.
 */
export async function chooseModel(model: string, { set = [], modelConfig }: ModelOptions = {}): Promise<ModelChoice> {
  const { architectureOf, architectures, meant } = await import("../models/index.ts");
  const { adapterPaths, specOf } = await import("../hub/index.ts");
  const folder = existsSync(join(model, "config.json")) || adapterPaths(model) ? model : undefined;
  if (folder === undefined && (existsSync(model) || model.includes("/")))
    throw new UserError(`model: ${model} is no model folder: there is no ${join(model, "config.json")}`);
  const before = folder === undefined ? {} : specOf(folder).rest;
  const inFile = modelConfig === undefined ? {} : await readObject(modelConfig);
  const type = folder === undefined ? model : (before["model_type"] as string);
  const known = [...architectures.keys(), "ngram"];
  if (folder === undefined && !known.includes(type)) {
    const close = meant(type, known);
    throw new UserError(`model: there is no type ${JSON.stringify(type)}`, {
      remedy: `${close === undefined ? "choose" : `did you mean "${close}"? There are`} ${known.join(", ")}, or a model folder`,
    });
  }
  const architecture = architectureOf(type);
  const settings = await parseSettings(set, architecture.spec);
  const spec = architecture({ ...before, ...inFile, ...settings });
  return { spec, ...(folder !== undefined && { folder }) };
}

/** The head that a task trains; without one, the head that the configuration names, or the architecture's first. */
export async function headOf(spec: ModelSpec, task?: string): Promise<string> {
  if (task !== undefined) return (await import("../models/index.ts")).headFor(spec, task);
  const names = Object.keys(spec.architecture.heads);
  const [named] = (spec.rest["architectures"] as readonly string[] | undefined) ?? [];
  return named !== undefined && names.includes(named) ? named : names[0]!;
}

interface Known {
  readonly modelType: string;
  readonly fields: object;
  readonly synonyms?: Readonly<Record<string, string>>;
}

/** ["n_layer=4", "tie_word_embeddings=false"] → { n_layer: 4, tie_word_embeddings: false }. */
async function parseSettings(
  settings: readonly string[],
  { modelType, fields, synonyms = {} }: Known,
): Promise<JsonObject> {
  const known = [...Object.keys(fields), ...Object.keys(synonyms)];
  const parsed: Record<string, JsonObject[string]> = {};
  for (const setting of settings) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined || value === undefined)
      throw new UserError(`--set: "${setting}" is not name=value`, { remedy: "write --set n_layer=4 n_embd=128" });
    if (!known.includes(name)) {
      const { meant } = await import("../models/index.ts");
      const close = meant(name, known);
      throw new UserError(`--set: ${modelType} has no setting "${name}"`, {
        remedy: close === undefined ? `it has ${known.join(", ")}` : `did you mean ${close}?`,
      });
    }
    const canonical = synonyms[name] ?? name;
    parsed[canonical] = jsonOr(value);
  }
  return parsed;
}

/** A number, true, false or null; else the text itself. */
function jsonOr(text: string): JsonObject[string] {
  try {
    return JSON.parse(text) as JsonObject[string];
  } catch {
    return text;
  }
}

async function readObject(file: string): Promise<JsonObject> {
  const { readJson } = await import("../formats/index.ts");
  const value = readJson(file);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UserError(`${file}: it holds no JSON object`);
  return value as JsonObject;
}
