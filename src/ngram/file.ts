/** An n-gram model as a folder's files (Node): `config.json`, and its counts in `model.safetensors`. */
import { join } from "node:path";
import { type HostTensor, openSafetensors, readJson, writeFileAtomic, writeSafetensors } from "../formats/index.ts";
import { type Counts, continuationsOf } from "./counts.ts";
import { type Ngram, ngramOf } from "./model.ts";
import { createTrie } from "./trie.ts";

/** Is this a `config.json` of an n-gram model? */
export const isNgram = (config: unknown): boolean =>
  typeof config === "object" && config !== null && "model_type" in config && config.model_type === "ngram";

/** Rows as (row without its last token, that token, count), each behind what it goes on from. */
export function saveNgram(folder: string, { order, smoothing, k, counts: { vocabulary, trie, counts } }: Ngram): void {
  const config = { model_type: "ngram", order, smoothing, k, vocab_size: vocabulary, nodes: trie.size };
  const rows = trie.size - 1;
  const column = (of: (node: number) => number): HostTensor => ({
    dtype: "int32",
    shape: [rows],
    data: Int32Array.from({ length: rows }, (_, i) => of(i + 1)),
  });
  const tensors = new Map([
    ["parents", column(trie.parent)],
    ["tokens", column(trie.token)],
    ["counts", column((node) => counts[node]!)],
  ]);
  writeSafetensors(join(folder, "model.safetensors"), tensors);
  writeFileAtomic(join(folder, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
}

/** Throws an Error that says what in the files does not fit. */
export function openNgram(folder: string): Ngram {
  const path = join(folder, "config.json");
  const config = readJson(path);
  if (!isNgram(config)) throw new Error(`${path}: this is no n-gram model`);
  const { order, smoothing, k, vocab_size: vocabulary } = config as unknown as Ngram & { readonly vocab_size: number };
  if (![order, vocabulary].every((x) => Number.isSafeInteger(x) && x >= 1))
    throw new Error(`${path}: order ${order} and vocab_size ${vocabulary} must be whole numbers ≥ 1`);
  using file = openSafetensors(join(folder, "model.safetensors"));
  const column = (name: string): Int32Array => {
    const stored = file.tensors.get(name);
    if (stored?.dtype !== "I32" || stored.shape.length !== 1)
      throw new Error(`${file.path}: there is no row of whole numbers "${name}"; is this an n-gram model?`);
    const into = new Int32Array(stored.shape[0]!);
    file.readInto(name, into);
    return into;
  };
  const [parents, tokens, stored] = ["parents", "tokens", "counts"].map(column) as [Int32Array, Int32Array, Int32Array];
  if (parents.length !== tokens.length || parents.length !== stored.length)
    throw new Error(
      `${file.path}: ${parents.length} parents, ${tokens.length} tokens and ${stored.length} counts differ`,
    );
  const trie = createTrie();
  const depth = new Uint8Array(parents.length + 1);
  for (const [i, parent] of parents.entries()) {
    const token = tokens[i]!;
    const wrong = !(parent >= 0 && parent <= i && token >= 0 && token < vocabulary && depth[parent]! < order);
    if (wrong || trie.grow(parent, token) !== i + 1)
      throw new Error(`${file.path}: row ${i} goes on from no row before it`);
    depth[i + 1] = depth[parent]! + 1;
  }
  const counts: Counts = {
    ...{ order, vocabulary, trie },
    counts: Float64Array.from([stored.reduce((sum, count, i) => sum + (parents[i] === 0 ? count : 0), 0), ...stored]),
    continuations: continuationsOf(trie),
  };
  return ngramOf(counts, { smoothing, k });
}
