/** A model as a Hugging Face folder, which transformers opens as its own (Node). */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../formats/file.ts";
import { type HostTensor, writeFileAtomic, writeSafetensors } from "../formats/index.ts";
import { quoteList } from "../formats/quote.ts";
import { build, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";

export interface SavedModel {
  readonly spec: ModelSpec;
  /** The head's class name: "GPT2LMHeadModel". */
  readonly headName: string;
  /** Every parameter's numbers, by its path in the model. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** For `generation_config.json`; the file is left alone where there is nothing to say. */
  readonly generation?: Readonly<Record<string, unknown>>;
  /** How numbers are stored: as they are, or rounded to nearest. */
  readonly store?: keyof typeof DTYPES;
}

/** safetensors' names for number types, and PyTorch's. */
const DTYPES = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/**
 * Writes `config.json` (every field that shapes the network, and all others that the spec came with),
 * `generation_config.json` and `model.safetensors`, under the checkpoint's names. Each file is replaced whole or not at
 * all, the weights first. The folder is made where it is missing.
 * Throws an Error that lists parameters without numbers, numbers without a parameter, lengths that disagree or a number
 * too large for its type: the folder is then as it was; and what the disk says.
 */
export function saveFolder(
  path: string,
  { spec, headName, weights, generation = {}, store = "F32" }: SavedModel,
): void {
  const tensors = tensorsOf(path, spec, headName, weights);
  makeFolder(path);
  writeSafetensors(join(path, "model.safetensors"), tensors, { store });
  const { torch_dtype: _, transformers_version: __, ...rest } = spec.rest;
  const config = {
    ...rest,
    ...spec.config,
    architectures: [headName],
    model_type: spec.architecture.spec.modelType,
    dtype: DTYPES[store],
    torch_dtype: DTYPES[store], // what transformers before 4.56 reads
  };
  const { fields } = spec.architecture.spec;
  const floats = Object.keys(fields).filter((name) => fields[name]!.float);
  writeFileAtomic(join(path, "config.json"), toJson(config, new Set(floats)));
  if (Object.keys(generation).length > 0) writeFileAtomic(join(path, "generation_config.json"), toJson(generation));
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw explain(path, error);
  }
}

function tensorsOf(path: string, spec: ModelSpec, headName: string, weights: SavedModel["weights"]) {
  const params = namedParams(build(spec, headName));
  const without = [...params.keys()].filter((name) => !weights.has(name));
  if (without.length > 0) throw new Error(`${path}: no numbers are given for ${quoteList(without)}`);
  const strange = [...weights.keys()].filter((name) => !params.has(name));
  if (strange.length > 0) throw new Error(`${path}: the model has no parameters ${quoteList(strange)}`);
  const tensors = new Map<string, HostTensor>();
  for (const [name, { shape }] of params) tensors.set(name, { dtype: "float32", shape, data: weights.get(name)! });
  return tensors;
}

/** Sorted, as transformers writes it: equal configurations are equal files. Whole numbers of `floats` have a ".0". */
function toJson(fields: Readonly<Record<string, unknown>>, floats: ReadonlySet<string> = new Set()): string {
  const sorted = Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify(sorted, null, 2);
  const whole = /^( {2}"([^"\\]+)": -?\d+)(,?)$/gm;
  return `${text.replace(whole, (line, number, name, comma) => (floats.has(name) ? `${number}.0${comma}` : line))}\n`;
}
