/** A low-rank adapter as PEFT stores it: what was trained, read for the model it changes (Node). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, type Weights } from "../formats/index.ts";
import { quote, quoteList } from "../formats/quote.ts";
import { type AdapterConfig, isTarget, readAdapterConfig, scaleOf } from "./adapter-config.ts";
import { adapterConfig, adapterTask, CONFIG } from "./adapter-folder.ts";
import { named } from "./file-errors.ts";
import type { ModelFolder } from "./folder.ts";
import { otherHeads } from "./heads.ts";
import { bareName } from "./names.ts";

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
  /** What the file has for other heads of the architecture: it is passed over. */
  readonly unused: readonly string[];
}

const PREFIX = "base_model.model.";

/** The model that an adapter changes. */
type Base = Pick<ModelFolder, "params" | "spec" | "headName">;

/** Opens an adapter for a model; what belongs to another of its heads is passed over. Throws an Error that names the file and what does not fit. */
export function openAdapter(path: string, base: Base): Adapter {
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
    const whole = bare.filter((name) => !low.test(name));
    const { ownName, isOther } = namesOf(base);
    const other = [
      ...whole.filter((name) => isOther(ofBase(name))),
      ...[...modules].filter((m) => isOther(`${m}.weight`)),
    ];
    const used = (name: string) => !other.includes(name);
    const unknown = whole.filter((name) => used(name) && ownName(ofBase(name)) === undefined);
    if (unknown.length > 0) {
      const names = quoteList(unknown.map((name) => `${PREFIX}${name}`));
      throw new Error(`${weights.path}: the base has no parameter for ${names}${trainedFor(path, base)}`);
    }
    const lowRank = (module: string) => {
      const own = ownName(`${module}.weight`)?.replace(/\.weight$/, "");
      if (own === undefined) throw new Error(`${weights.path}: ${quote(module)} is no layer of the base`);
      return [own, lowRankOf(module, config, weights)] as const;
    };
    return {
      weights,
      modules: new Map([...modules].filter(used).map(lowRank)),
      whole: new Map(whole.filter(used).map((name) => [ownName(ofBase(name))!, `${PREFIX}${name}`])),
      unused: other.map((name) => `${PREFIX}${name}`),
      [Symbol.dispose]: () => weights.close(),
    };
  } catch (error) {
    weights.close();
    throw error;
  }
}

/** The task that an adapter is for, where its model is for another. */
function trainedFor(path: string, { spec, headName }: Base): string {
  const task = adapterTask(path);
  const { task: own } = spec.architecture.heads[headName]!;
  return task === undefined || task === own ? "" : `; the adapter is for ${task}, the model for ${own}`;
}

/** What a model calls the parameters of an adapter that may have been trained with another of its heads. */
function namesOf({ params, spec, headName }: Base) {
  const { fileNames } = spec.architecture;
  const own = new Map([...params.keys()].map((name) => [bareName(name, fileNames), name]));
  const others = otherHeads(spec, headName);
  const ownName = (name: string) => (params.has(name) ? name : own.get(bareName(name, fileNames)));
  const isOther = (name: string) => ownName(name) === undefined && others.hasOne(bareName(name, fileNames));
  return { ownName, isOther };
}

/** With "bias": "all" PEFT also writes what `modules_to_save` has replaced, and what it has put there twice. */
const isCopy = (name: string, { tensors }: Weights): boolean =>
  name.includes(".original_module.") || (ofBase(name) !== name && tensors.has(ofBase(name)));

/** A parameter's name without the layers that PEFT puts around it. */
const ofBase = (name: string) => name.replace(/\.(base_layer|modules_to_save)\./, ".");

function lowRankOf(module: string, config: AdapterConfig, { tensors, path }: Weights): LowRank {
  const [A, B, b] = ["lora_A.weight", "lora_B.weight", "lora_B.bias"].map((part) => `${PREFIX}${module}.${part}`);
  const fail = (why: string): never => {
    throw new Error(`${path}: ${quote(module)} ${why}`);
  };
  if (!isTarget(config, module)) fail(`is adapted, but ${CONFIG} does not name it in "target_modules"`);
  const { rank, scale } = scaleOf(config, module);
  for (const name of [A!, B!, ...(config.lora_bias ? [b!] : [])]) if (!tensors.has(name)) fail(`lacks ${quote(name)}`);
  if (!config.lora_bias && tensors.has(b!)) fail(`has a bias, but ${CONFIG} says "lora_bias": false`);
  const [got] = tensors.get(A!)!.shape;
  if (got !== rank) fail(`is of rank ${got}, but ${CONFIG} makes it ${rank}`);
  return { rank, scale, A: A!, B: B!, ...(config.lora_bias && { bias: b! }) };
}
