import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loudWeights } from "../../test/contract/subjects.ts";
import { newFolder } from "../../test/tiny-folder.ts";
import { build, gpt2, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { openFolder } from "./folder.ts";
import { saveFolder } from "./save.ts";

const headName = "GPT2LMHeadModel";
const special = { bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 };
const tiny = gpt2({ ...gpt2.tiny, ...special });
const weightsOf = (spec: ModelSpec) => loudWeights(namedParams(build(spec, headName)));
const weights = weightsOf(tiny);
const json = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const saved = (more: Partial<Parameters<typeof saveFolder>[1]> = {}): string => {
  const folder = newFolder();
  saveFolder(folder, { spec: tiny, headName, weights, ...more });
  return folder;
};

test("a saved folder opens again with the same configuration and the same numbers", () => {
  using folder = openFolder(saved({ generation: { do_sample: true } }));
  expect(folder.spec.config).toEqual(tiny.config);
  expect(folder.spec.rest).toMatchObject(special);
  expect(folder.generation).toEqual({ do_sample: true });
  for (const [name, want] of weights) {
    const got = new Float32Array(want.length);
    folder.read(name, got);
    expect(got).toEqual(want);
  }
});

test("config.json has every field, the head, the type of the numbers, and what else the model came with", () => {
  const spec = gpt2({ hidden_size: 12, n_layer: 1, n_head: 3, torch_dtype: "float32", id2label: { 0: "no" } });
  const weights = weightsOf(spec);
  const folder = saved({ spec, weights, store: "BF16" });
  expect(json(folder, "config.json")).toEqual({
    ...spec.config,
    n_embd: 12,
    architectures: [headName],
    model_type: "gpt2",
    dtype: "bfloat16",
    torch_dtype: "bfloat16",
    id2label: { 0: "no" },
  });
});

test("saving over a folder replaces its files, and leaves others alone", () => {
  const folder = saved({ generation: { max_new_tokens: 3 } });
  writeFileSync(join(folder, "tokenizer.json"), "{}");
  const zeros = new Map([...weights].map(([name, { length }]) => [name, new Float32Array(length)]));
  saveFolder(folder, { spec: tiny, headName, weights: zeros });
  expect(readdirSync(folder).sort()).toEqual([
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
  ]);
  using opened = openFolder(folder);
  const got = new Float32Array(12).fill(1);
  opened.read("transformer.ln_f.weight", got);
  expect(got).toEqual(new Float32Array(12));
});

describe("what cannot be saved is told by name, and nothing is written", () => {
  const told = (changed: (all: Map<string, Float32Array>) => void, more = {}) => {
    const folder = newFolder();
    const all = new Map(weights);
    changed(all);
    let message = "";
    try {
      saveFolder(folder, { spec: tiny, headName, weights: all, ...more });
    } catch (error) {
      message = (error as Error).message.replaceAll(folder, "FOLDER");
    }
    expect(readdirSync(folder)).toEqual([]);
    return message;
  };

  test("a parameter without numbers", () => {
    expect(told((all) => all.delete("transformer.ln_f.bias"))).toBe(
      'FOLDER: no numbers are given for "transformer.ln_f.bias"',
    );
  });
  test("numbers without a parameter", () => {
    expect(told((all) => all.set("surplus", new Float32Array(1)))).toBe(
      'FOLDER: the model has no parameters "surplus"',
    );
  });
  test("numbers of another length", () => {
    expect(told((all) => all.set("transformer.ln_f.bias", new Float32Array(5)))).toBe(
      'FOLDER/model.safetensors: "transformer.ln_f.bias" is float32[12], 12 elements, but its data has 5',
    );
  });
  test("a number that float16 cannot hold", () => {
    const large = Float32Array.from({ length: 12 }, () => 1e6);
    expect(told((all) => all.set("transformer.ln_f.bias", large), { store: "F16" })).toBe(
      'FOLDER/model.safetensors: "transformer.ln_f.bias" has 1000000 at element 0, too large for F16; store it as F32',
    );
  });
});

test("a folder that cannot be made is told by its path", () => {
  const folder = saved();
  expect(() => saveFolder(join(folder, "config.json"), { spec: tiny, headName, weights })).toThrow(
    `${join(folder, "config.json")}: exists already`,
  );
});

const python = process.env["PYTHON"] ?? "python3";
const hasTransformers = spawnSync(python, ["-c", "import transformers, torch"]).status === 0;
/** Opens folders as transformers does: for each, what it was missing, its type of numbers, and logits for three ids. */
const OPEN = `
import json, sys, torch
from transformers import AutoModelForCausalLM
for folder in sys.argv[1:]:
    model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
    with torch.no_grad():
        logits = model.float()(torch.tensor([[3, 1, 4]])).logits[0, -1].tolist()
    made = model.generate(torch.tensor([[3, 1, 4]]), max_new_tokens=4, do_sample=False)[0].tolist()
    print(json.dumps([sorted(info["missing_keys"]), sorted(info["unexpected_keys"]), str(model.config.dtype), logits, made]))
`;
test.skipIf(!hasTransformers)(
  "transformers opens a saved folder, tied and untied, in every type of numbers",
  { timeout: 120_000 },
  () => {
    const untied = gpt2({ ...gpt2.tiny, tie_word_embeddings: false });
    const folders = [
      saved(),
      saved({ store: "F16" }),
      saved({ store: "BF16", generation: special }),
      saved({ spec: untied, weights: weightsOf(untied) }),
    ];
    const { stdout, stderr, status } = spawnSync(python, ["-c", OPEN, ...folders], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const opened = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(opened.map(([missing, unexpected]) => [...missing, ...unexpected])).toEqual([[], [], [], []]);
    expect(opened.map(([, , dtype]) => dtype)).toEqual([
      "torch.float32",
      "torch.float16",
      "torch.bfloat16",
      "torch.float32",
    ]);
    const [exact, half] = opened.map(([, , , logits]) => logits as number[]);
    expect(Math.max(...exact!.map((x, i) => Math.abs(x - half![i]!)))).toBeLessThan(0.05);
  },
);
