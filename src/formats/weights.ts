/**
 * A folder's weights in Node: one `model.safetensors`, or several files that `model.safetensors.index.json` names
 * (https://huggingface.co/docs/transformers/big_models#sharded-checkpoints).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "./json-file.ts";
import { quote, quoteList, show } from "./quote.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { missing, type Weights } from "./safetensors-reader.ts";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** Opens the weights of a model's folder, in one file or in several. @throws as those two, and when there are none */
export function openWeights(folder: string): Weights {
  if (existsSync(join(folder, SINGLE))) return openSafetensors(join(folder, SINGLE));
  if (existsSync(join(folder, INDEX))) return openShardedSafetensors(folder);
  throw new Error(`${folder}: there is no ${SINGLE} and no ${INDEX}; is this a model's folder?`);
}

/**
 * Opens all files that a folder's index names, as one.
 * @throws when the index is no map from tensors to files of this folder, or when a file lacks a tensor that the index
 * maps to it or has one that it does not
 */
export function openShardedSafetensors(folder: string): Weights {
  const path = join(folder, INDEX);
  const shards = readIndex(path);
  const open = new Map<string, Weights>(); // by tensor
  const files: Weights[] = [];
  const close = () => {
    for (const file of files) file.close();
  };
  try {
    for (const [shard, names] of shards) {
      if (!existsSync(join(folder, shard)))
        throw new Error(
          `${join(folder, shard)}: no such file, but ${INDEX} maps ${names.length} tensors to it; is the download complete?`,
        );
      const file = openSafetensors(join(folder, shard));
      files.push(file);
      const absent = names.filter((name) => !file.tensors.has(name));
      if (absent.length > 0)
        throw new Error(`${file.path}: lacks tensors that ${INDEX} maps to it: ${quoteList(absent)}`);
      const mapped = new Set(names);
      const unexpected = [...file.tensors.keys()].filter((name) => !mapped.has(name));
      if (unexpected.length > 0)
        throw new Error(`${file.path}: has tensors that ${INDEX} does not map to it: ${quoteList(unexpected)}`);
      for (const name of names) open.set(name, file);
    }
  } catch (error) {
    close();
    throw error;
  }
  const find = (name: string): Weights => open.get(name) ?? missing(path, name, open);
  return {
    path,
    metadata: Object.assign(Object.create(null), ...files.map((file) => file.metadata)),
    tensors: new Map(files.flatMap((file) => [...file.tensors])),
    read: (name) => find(name).read(name),
    readInto: (name, array) => find(name).readInto(name, array),
    close,
    [Symbol.dispose]: close,
  };
}

/** The index's tensors by the file that holds them. */
function readIndex(path: string): Map<string, string[]> {
  const json = readJson(path, { maxBytes: 2 ** 24 });
  const map = typeof json === "object" && json !== null && "weight_map" in json ? json["weight_map"] : undefined;
  if (typeof map !== "object" || map === null || Array.isArray(map))
    throw new Error(`${path}: "weight_map" must be an object from tensors to files, but is ${show(map)}`);

  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(map)) {
    // a plain name: nothing that leads out of the folder
    if (typeof shard !== "string" || !/^[\w-][\w.-]*\.safetensors$/.test(shard))
      throw new Error(`${path}: ${quote(name)} must be in a .safetensors file of this folder, not in ${show(shard)}`);
    const names = shards.get(shard);
    if (names) names.push(name);
    else shards.set(shard, [name]);
  }
  return shards;
}
