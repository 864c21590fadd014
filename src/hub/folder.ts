/** A Hugging Face model folder, read: configuration, head, and where each parameter's numbers lie. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, openWeights, readJson, type Weights } from "../formats/index.ts";
import { architectureOf, build, type InputSpec, inputsOf, type Model, type ModelSpec } from "../models/index.ts";
import { fillInitial, namedParams, type Param } from "../nn/index.ts";
import { keyOf } from "../random.ts";
import { adapted, merge } from "./adapted.ts";
import { type AdapterPaths, adapterPaths, adapterTask } from "./adapter-folder.ts";
import { named, objectOf } from "./file-errors.ts";
import { headOf, headWith, otherHeads, withHead } from "./heads.ts";
import { checkMemory } from "./memory.ts";
import { fileTensors, matchNames, storedName } from "./names.ts";

export interface ModelFolder extends Disposable {
  /** What was asked for. */
  readonly path: string;
  /** The folder of the model's file: an adapter's base. */
  readonly weights: string;
  readonly spec: ModelSpec;
  /** The head's class name: "GPT2LMHeadModel". */
  readonly headName: string;
  readonly model: Model;
  /** What it may be given. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Parameters by their path in the model. */
  readonly params: ReadonlyMap<string, Param>;
  /** What each that is there is called in the file. */
  readonly storedNames: ReadonlyMap<string, string>;
  /** What the file has for other heads of the architecture: it is passed over. */
  readonly unused: readonly string[];
  /** Parameters that the file has not, since it was made for another head: they begin by chance. */
  readonly fresh: readonly string[];
  /** Parameters that an adapter has changed. */
  readonly merged?: readonly string[];
  /** `generation_config.json`; {} where there is none. */
  readonly generation: Readonly<Record<string, unknown>>;
  /** Reads a parameter into `into`, as float32; a fresh one is drawn. */
  read(name: string, into: Float32Array): void;
  close(): void;
}

export interface FolderOptions {
  /** Which head is wanted, as `--task` names it; the one that the configuration names unless given. */
  readonly task?: string;
  /** The class name of the head of a folder whose configuration names none; its architecture's first unless given. */
  readonly head?: string | undefined;
  /** Of what is fresh. */
  readonly seed?: number;
}

/**
 * Opens a folder and checks all of it before a parameter is read: the configuration against its model type, every
 * parameter's name and shape against the file. With a task for which the folder was not made, parameters that only some
 * heads have may be missing. A low-rank adapter's folder is its base with the adapter merged into it.
 * Throws an Error that names the file, the tensors and both shapes.
 */
export function openFolder(path: string, options: FolderOptions = {}): ModelFolder {
  const paths = adapterPaths(path);
  return paths ? withAdapter(path, paths, options, merge) : openModel(path, options);
}

/** The same with an adapter's layers beside those of its base, as they were trained. */
export function openAdapted(path: string, options: FolderOptions = {}): ModelFolder {
  const paths = adapterPaths(path);
  if (!paths) throw new Error(`${path}: there is no adapter_config.json; is this an adapter's folder?`);
  return withAdapter(path, paths, options, adapted);
}

function withAdapter(
  path: string,
  { base, adapter }: AdapterPaths,
  options: FolderOptions,
  put: typeof merge,
): ModelFolder {
  const task = options.task ?? adapterTask(adapter);
  const opened = openModel(base, { ...options, ...(task !== undefined && { task }) });
  try {
    return { ...put(opened, adapter), path };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function openModel(path: string, { task, head, seed = 0 }: FolderOptions): ModelFolder {
  const read = ownSpec(path);
  const configured = head === undefined ? read : withHead(path, read, head);
  const headName = task === undefined ? headOf(path, configured) : headWith(configured, task);
  const weights = weightsOf(path);
  try {
    const spec = untied(configured, weights);
    const model = build(spec, headName);
    const params = namedParams(model);
    const others = otherHeads(spec, headName);
    const matched = matchNames(weights.path, params, weights.tensors, spec.architecture.fileNames, others);
    checkMemory(path, model);
    return {
      path,
      weights: path,
      spec,
      headName,
      model,
      inputs: inputsOf(spec, headName),
      params,
      storedNames: matched.stored,
      unused: matched.unused,
      fresh: matched.fresh,
      generation: optionalJson(join(path, "generation_config.json")),
      read(name, into) {
        const stored = matched.stored.get(name);
        if (stored !== undefined) weights.readInto(stored, into);
        else fillInitial(into, params.get(name)!.init, keyOf(seed, name));
      },
      close: () => weights.close(),
      [Symbol.dispose]: () => weights.close(),
    };
  } catch (error) {
    weights.close();
    throw error;
  }
}

/** A folder's configuration, checked: its model type, and every field that shapes the network. Of an adapter its base's. */
export const specOf = (path: string): ModelSpec => ownSpec(adapterPaths(path)?.base ?? path);

function ownSpec(path: string): ModelSpec {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`${path}: there is no such folder; a model is a folder with config.json and model.safetensors`);
  const file = join(path, "config.json");
  if (!existsSync(file)) throw new Error(`${path}: there is no config.json; is this a model folder?`);
  const config = objectOf(file, readJson(file));
  const type = config["model_type"];
  if (typeof type !== "string") throw new Error(`${file}: there is no "model_type"; is this a model's configuration?`);
  return named(file, () => architectureOf(type)(config));
}

/** The task that a folder's head is for. Throws as `openFolder` does where its configuration will not do. */
export function taskOf(path: string): string {
  const spec = specOf(path);
  const paths = adapterPaths(path);
  const trained = paths && adapterTask(paths.adapter);
  return trained ?? spec.architecture.heads[headOf(paths?.base ?? path, spec)]!.task;
}

/**
 * A file that has both of two tied tensors, and different ones, keeps them apart whatever its configuration says: as
 * transformers 5 does.
 */
function untied(spec: ModelSpec, weights: Weights): ModelSpec {
  const { fileNames } = spec.architecture;
  const tensors = fileTensors(weights.tensors);
  const differ = Object.entries(fileNames.tied).some(([copy, path]) => {
    const original = storedName(path, tensors, fileNames);
    return weights.tensors.has(copy) && original !== undefined && original !== copy && !same(weights, copy, original);
  });
  return differ ? { ...spec, config: { ...spec.config, tie_word_embeddings: false } } : spec;
}

function same(weights: Weights, a: string, b: string): boolean {
  const [x, y] = [weights.tensors.get(a)!, weights.tensors.get(b)!];
  if (String(x.shape) !== String(y.shape)) return false;
  const [p, q] = [weights.read(a).data, weights.read(b).data];
  return p.every((value: number | bigint, i: number) => value === q[i]);
}

function weightsOf(path: string): Weights {
  const has = (file: string) => existsSync(join(path, file));
  if (!has("model.safetensors") && !has("model.safetensors.index.json") && has("pytorch_model.bin"))
    throw new Error(
      `${path}: it has pytorch_model.bin but no model.safetensors; in Python, AutoModel.from_pretrained(…).save_pretrained(…) writes the latter`,
    );
  return openWeights(path);
}

const optionalJson = (file: string): JsonObject => (existsSync(file) ? objectOf(file, readJson(file)) : {});
