/** A low-rank adapter as PEFT stores it: what was trained, read for the model it changes (Node). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, type Weights } from "../formats/index.ts";
import { quote, quoteList } from "../formats/quote.ts";
import type { Param } from "../nn/index.ts";
import { type AdapterConfig, isTarget, readAdapterConfig, scaleOf } from "./adapter-config.ts";
import { adapterConfig, CONFIG } from "./adapter-folder.ts";
import { named } from "./file-errors.ts";

const WEIGHTS = "adapter_model.safetensors";

/** A module's adapter, and what the file calls its tensors. */
export interface LowRank {
  readonly rank: number;
  readonly scale: number;
  readonly A: string;
  readonly B: string;
  readonly bias?: string;
}

export interface Adapter extends Disposable {
  readonly weights: Weights;
  /** By the module's path in the model. */
  readonly modules: ReadonlyMap<string, LowRank>;
  /** The base's parameters that the file has whole, and their names in it. */
  readonly whole: ReadonlyMap<string, string>;
}

const PREFIX = "base_model.model.";

/** Opens an adapter for a model of these parameters. Throws an Error that names the file and what does not fit. */
export function openAdapter(path: string, params: ReadonlyMap<string, Param>): Adapter {
  const given = adapterConfig(path);
  const config = named(join(path, CONFIG), () => readAdapterConfig(given));
  if (!existsSync(join(path, WEIGHTS)))
    throw new Error(
      `${path}: there is no ${WEIGHTS}; in Python, model.save_pretrained(…) of a PEFT model writes it (adapter_model.bin is not read)`,
    );
  const weights = openSafetensors(join(path, WEIGHTS));
  try {
    const file = [...weights.tensors.keys()];
    const strange = file.filter((name) => !name.startsWith(PREFIX));
    if (strange.length > 0) throw new Error(`${weights.path}: ${quoteList(strange)} should begin with "${PREFIX}"`);
    const tables = file.filter((name) => name.includes(".lora_embedding_"));
    if (tables.length > 0)
      throw new Error(
        `${weights.path}: ${quoteList(tables)} adapt a table of vectors, which is not implemented; merge the adapter in Python (merge_and_unload) and save the whole model`,
      );
    const low = /^(.*)\.lora_[AB]\.(weight|bias)$/;
    const bare = file.filter((name) => !isCopy(name, weights)).map((name) => name.slice(PREFIX.length));
    const modules = new Set(bare.flatMap((name) => low.exec(name)?.[1] ?? []));
    const whole = new Map(bare.filter((name) => !low.test(name)).map((name) => [ofBase(name), `${PREFIX}${name}`]));
    const unknown = [...whole].flatMap(([name, stored]) => (params.has(name) ? [] : [stored]));
    if (unknown.length > 0) throw new Error(`${weights.path}: the base has no parameter for ${quoteList(unknown)}`);
    const lowRank = (module: string) => [module, lowRankOf(module, config, weights, params)] as const;
    return { weights, modules: new Map([...modules].map(lowRank)), whole, [Symbol.dispose]: () => weights.close() };
  } catch (error) {
    weights.close();
    throw error;
  }
}

/** With "bias": "all" PEFT also writes what `modules_to_save` has replaced, and what it has put there twice. */
const isCopy = (name: string, { tensors }: Weights): boolean =>
  name.includes(".original_module.") || (ofBase(name) !== name && tensors.has(ofBase(name)));

/** A parameter's name without the layers that PEFT puts around it. */
const ofBase = (name: string) => name.replace(/\.(base_layer|modules_to_save)\./, ".");

function lowRankOf(module: string, config: AdapterConfig, { tensors, path }: Weights, params: Adapted): LowRank {
  const [A, B, b] = ["lora_A.weight", "lora_B.weight", "lora_B.bias"].map((part) => `${PREFIX}${module}.${part}`);
  const fail = (why: string): never => {
    throw new Error(`${path}: ${quote(module)} ${why}`);
  };
  if (!params.has(`${module}.weight`)) fail("is no layer of the base");
  if (!isTarget(config, module)) fail(`is adapted, but ${CONFIG} does not name it in "target_modules"`);
  const { rank, scale } = scaleOf(config, module);
  for (const name of [A!, B!, ...(config.lora_bias ? [b!] : [])]) if (!tensors.has(name)) fail(`lacks ${quote(name)}`);
  if (!config.lora_bias && tensors.has(b!)) fail(`has a bias, but ${CONFIG} says "lora_bias": false`);
  const [got] = tensors.get(A!)!.shape;
  if (got !== rank) fail(`is of rank ${got}, but ${CONFIG} makes it ${rank}`);
  return { rank, scale, A: A!, B: B!, ...(config.lora_bias && { bias: b! }) };
}
type Adapted = ReadonlyMap<string, Param>;
