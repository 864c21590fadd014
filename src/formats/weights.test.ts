import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostTensor } from "./dtype.ts";
import { openSafetensors } from "./safetensors-file.ts";
import type { Weights } from "./safetensors-reader.ts";
import { writeSafetensors } from "./safetensors-write.ts";
import { openShardedSafetensors, openWeights } from "./weights.ts";

const INDEX = "model.safetensors.index.json";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weights-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function shard(name: string, tensors: Record<string, number>): void {
  const entries = Object.entries(tensors).map(([key, x]): [string, HostTensor] => [
    key,
    { dtype: "float32", shape: [1], data: Float32Array.of(x) },
  ]);
  writeSafetensors(join(folder, name), new Map(entries), { metadata: { [name]: "here" } });
}

function index(content: unknown): void {
  writeFileSync(join(folder, INDEX), JSON.stringify(content));
}

describe("a folder's weights", () => {
  test("in one file are that file's", () => {
    shard("model.safetensors", { a: 1 });
    using weights = openWeights(folder);
    expect(weights.path).toBe(join(folder, "model.safetensors"));
    expect([...weights.read("a").data]).toEqual([1]);
  });

  test("in several files look like those of one", () => {
    shard("model-1.safetensors", { a: 1, b: 2 });
    shard("model-2.safetensors", { c: 3 });
    index({
      metadata: { total_size: 12 },
      weight_map: { c: "model-2.safetensors", a: "model-1.safetensors", b: "model-1.safetensors" },
    });
    const weights = openWeights(folder);
    expect(new Set(weights.tensors.keys())).toEqual(new Set(["a", "b", "c"]));
    expect({ ...weights.metadata }).toEqual({
      format: "pt",
      "model-1.safetensors": "here",
      "model-2.safetensors": "here",
    });
    const memory = new Float32Array(2);
    weights.readInto("c", memory.subarray(1));
    expect([...memory, ...weights.read("b").data]).toEqual([0, 3, 2]);
    expect(() => weights.read("d")).toThrow(`${join(folder, INDEX)}: there is no "d"; it holds "c", "a", "b"`);
    weights.close();
    expect(() => weights.read("a")).toThrow(`model-1.safetensors: is closed, so "a" cannot be read`);
  });

  test("are missed where there are none", () => {
    expect(() => openWeights(folder)).toThrow(
      `${folder}: there is no model.safetensors and no ${INDEX}; is this a model's folder?`,
    );
  });
});

describe("an index", () => {
  const where = () => join(folder, INDEX);

  test.each([
    [[], '"weight_map" must be an object from tensors to files, but is missing'],
    [{}, '"weight_map" must be an object from tensors to files, but is missing'],
    [{ weight_map: ["a"] }, '"weight_map" must be an object from tensors to files, but is ["a"]'],
    [{ weight_map: { a: 3 } }, '"a" must be in a .safetensors file of this folder, not in 3'],
  ])("%j is refused", (content, message) => {
    index(content);
    expect(() => openShardedSafetensors(folder)).toThrow(`${where()}: ${message}`);
  });

  test.each([
    "../model.safetensors",
    "/etc/model.safetensors",
    "..\\model.safetensors",
    "C:model.safetensors",
    "sub/model.safetensors",
    "..safetensors",
    "model\0.safetensors",
    "model.safetensors\n",
    "model.bin",
    "",
  ])("cannot lead to %j", (name) => {
    index({ weight_map: { a: name } });
    expect(() => openShardedSafetensors(folder)).toThrow(
      `${where()}: "a" must be in a .safetensors file of this folder, not in ${JSON.stringify(name)}`,
    );
  });

  test("that is not JSON, or has a tensor twice, is refused with the place", () => {
    writeFileSync(where(), '{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}');
    expect(() => openShardedSafetensors(folder)).toThrow(`${where()}:1:39: the key "a" is there twice`);
  });

  test("that disagrees with its files is refused with the tensors", () => {
    shard("model-1.safetensors", { a: 1, b: 2 });
    const shardPath = join(folder, "model-1.safetensors");
    index({ weight_map: { a: "model-1.safetensors", b: "model-1.safetensors", c: "model-1.safetensors" } });
    expect(() => openShardedSafetensors(folder)).toThrow(`${shardPath}: lacks tensors that ${INDEX} maps to it: "c"`);
    index({ weight_map: { a: "model-1.safetensors" } });
    expect(() => openShardedSafetensors(folder)).toThrow(
      `${shardPath}: has tensors that ${INDEX} does not map to it: "b"`,
    );
    index({ weight_map: { a: "model-1.safetensors", b: "model-1.safetensors", c: "model-2.safetensors" } });
    expect(() => openShardedSafetensors(folder)).toThrow(
      `${join(folder, "model-2.safetensors")}: no such file, but ${INDEX} maps 1 tensors to it; is the download complete?`,
    );
  });
});

const golden = fileURLToPath(new URL("../../../shared/golden", import.meta.url));

describe.skipIf(!existsSync(golden))("golden folders (skipped where ../shared/golden is absent)", () => {
  const shapes = (weights: Weights) => Object.fromEntries([...weights.tensors].map(([name, t]) => [name, t.shape]));

  test.each([
    ["gpt2-float16", "gpt2-causal-lm", "F16"],
    ["llama-bfloat16", "llama-causal-lm", "BF16"],
  ] as const)("%s has %s's shapes, and written again it is the same file", (name, full, store) => {
    using weights = openWeights(join(golden, name));
    using reference = openWeights(join(golden, full));
    expect(shapes(weights)).toEqual(shapes(reference));
    const tensors = new Map([...weights.tensors.keys()].map((key) => [key, weights.read(key)]));
    const copy = join(folder, "copy.safetensors");
    writeSafetensors(copy, tensors, { metadata: weights.metadata, store });
    expect(readFileSync(copy).equals(readFileSync(weights.path))).toBe(true);
  });

  test("llama-sharded has llama-causal-lm's shapes, and each tensor is that of its file", () => {
    const path = join(golden, "llama-sharded");
    using weights = openWeights(path);
    using reference = openWeights(join(golden, "llama-causal-lm"));
    expect(shapes(weights)).toEqual(shapes(reference));
    for (const number of [1, 2]) {
      using file = openSafetensors(join(path, `model-0000${number}-of-00002.safetensors`));
      for (const name of file.tensors.keys()) expect(weights.read(name)).toEqual(file.read(name));
    }
  });
});
