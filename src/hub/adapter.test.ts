/** Low-rank adapters in PEFT's files: as they were trained, and merged into their base. */
import { cpSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectedNames } from "../../test/contract/golden.ts";
import { edit, messageOf, newFolder } from "../../test/tiny-folder.ts";
import { type HostTensor, openSafetensors, writeSafetensors } from "../formats/index.ts";
import { load } from "../load.ts";
import { count } from "../tensor/dtype.ts";
import { fromFolder } from "../train/from-folder.ts";
import { openReference, verifyFolder } from "../verify.ts";
import { openAdapted, openFolder, taskOf } from "./index.ts";

const golden = join(import.meta.dirname, "../../test/golden");
const folders = [golden, join(import.meta.dirname, "../../../shared/golden")].flatMap((root) =>
  existsSync(root)
    ? readdirSync(root)
        .map((name) => join(root, name))
        .filter((folder) => existsSync(join(folder, "adapter/adapter_config.json")))
    : [],
);

test.each(folders.map((folder) => [basename(folder), folder]))(
  "%s: outputs, what was trained, losses, texts, and all of it merged, are the reference's",
  async (_, folder) => {
    const inputs = /^(inputs\.|generate\.(prompt|attention_mask)$)/;
    const compared: string[] = [];
    for await (const { name, ok, max_rel, limit } of verifyFolder(folder, { threads: 1 })) {
      compared.push(name);
      expect(ok, `${name}: ${max_rel} > ${limit}`).toBe(true);
    }
    expect(compared.sort()).toEqual(
      expectedNames(folder)
        .filter((name) => !inputs.test(name))
        .sort(),
    );
  },
);

const ids = { input_ids: [[5, 6, 7]], attention_mask: [[1, 1, 1]] };

test("a loaded adapter is its base with other weights, and says what it is for", async () => {
  const folder = join(golden, "lora-bert-biases");
  await using model = await load(folder);
  await using base = await load(join(folder, "base"));
  const [ours, plain] = [(await model.run(ids)).logits, (await base.run(ids)).logits];
  expect(ours.dims).toEqual([1, 3, 3]);
  expect(ours.toArray()).not.toEqual(plain.toArray());
  expect([taskOf(folder), model.architecture]).toEqual(["token-classification", "BertForTokenClassification"]);
});

test("an adapter's own folder finds its base beside it", () => {
  using alone = openFolder(join(golden, "lora-gpt2", "adapter"));
  using both = openFolder(join(golden, "lora-gpt2"));
  const name = "transformer.h.0.attn.c_attn.weight";
  expect(numbers(alone, name)).toEqual(numbers(both, name));
});

test("an adapter in the folder of a whole model changes that model", () => {
  const folder = newFolder();
  for (const part of ["base", "adapter"]) cpSync(join(golden, "lora-gpt2", part), folder, { recursive: true });
  edit(join(folder, "adapter_config.json"), { base_model_name_or_path: "some/model" });
  using together = openFolder(folder);
  using both = openFolder(join(golden, "lora-gpt2"));
  const name = "transformer.h.0.attn.c_attn.weight";
  expect(numbers(together, name)).toEqual(numbers(both, name));
});

test("a configuration without weights beside an adapter is not its base", () => {
  const folder = newFolder();
  cpSync(join(golden, "lora-gpt2"), folder, { recursive: true });
  cpSync(join(folder, "base/config.json"), join(folder, "adapter/config.json"));
  using alone = openFolder(join(folder, "adapter"));
  using both = openFolder(join(golden, "lora-gpt2"));
  const name = "transformer.h.0.attn.c_attn.weight";
  expect(numbers(alone, name)).toEqual(numbers(both, name));
});

test("what an adapter has for another head is passed over where another task is asked for", () => {
  using folder = openFolder(join(golden, "lora-bert-biases"), { task: "masked-language-modeling" });
  expect(folder.headName).toBe("BertForMaskedLM");
  expect(folder.unused.filter((name) => name.startsWith("base_model."))).toEqual([
    "base_model.model.classifier.bias",
    "base_model.model.classifier.weight",
  ]);
  const { merged } = fromFolder(join(golden, "lora-bert-biases"), { task: "masked-language-modeling" });
  expect(Object.keys(merged!)).toContain("bert.encoder.layer.0.attention.self.query.weight");
});

test("an adapter changes the bare model, whose layers are named without the head's prefix", () => {
  using bare = openFolder(join(golden, "lora-bert-biases"), { task: "feature-extraction" });
  using own = openFolder(join(golden, "lora-bert-biases"));
  const name = "encoder.layer.0.attention.self.query.weight";
  expect(numbers(bare, name)).toEqual(numbers(own, `bert.${name}`));
});

test("training that goes on from an adapter begins with the merged weights", () => {
  const folder = join(golden, "lora-llama-head");
  const { path, weights, merged } = fromFolder(folder, { task: "language-modeling" });
  expect([path, weights]).toEqual([folder, join(folder, "base")]);
  expect(Object.keys(merged!).sort()).toEqual([
    "lm_head.weight",
    "model.layers.0.self_attn.q_proj.bias",
    "model.layers.0.self_attn.q_proj.weight",
  ]);
  using expected = openSafetensors(join(folder, "expected.safetensors"));
  expect(merged!["lm_head.weight"]).toEqual(expected.read("merged.parameters.lm_head.weight").data);
});

const numbers = ({ params, read }: ReturnType<typeof openFolder>, name: string): Float32Array => {
  const into = new Float32Array(count(params.get(name)!.shape));
  read(name, into);
  return into;
};

describe("an adapter that cannot be right is told in one line", () => {
  const config = (changes: Readonly<Record<string, unknown>>) => (folder: string) =>
    edit(join(folder, "adapter/adapter_config.json"), changes);
  const tensors = (change: (all: Map<string, HostTensor>) => void) => (folder: string) => {
    const file = join(folder, "adapter/adapter_model.safetensors");
    using weights = openSafetensors(file);
    const all = new Map([...weights.tensors.keys()].map((name) => [name, weights.read(name)]));
    change(all);
    writeSafetensors(file, all);
  };
  const rename = (from: string, to: string) =>
    tensors((all) => {
      all.set(to, all.get(from)!);
      all.delete(from);
    });
  const A = "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight";
  const told = (change: (folder: string) => void, open: (folder: string) => unknown = openFolder): string => {
    const folder = newFolder();
    cpSync(join(golden, "lora-gpt2"), folder, { recursive: true });
    change(folder);
    return messageOf(() => open(folder))
      .replaceAll(folder, "FOLDER")
      .replaceAll(dirname(folder), "ROOT");
  };

  test.each<[what: string, change: (folder: string) => void, message: string]>([
    [
      "another method",
      config({ peft_type: "IA3" }),
      'FOLDER/adapter/adapter_config.json: LoRA: "peft_type" is "IA3", but must be "LORA": nothing else is implemented',
    ],
    [
      "a field that changes numbers",
      config({ use_dora: true }),
      'FOLDER/adapter/adapter_config.json: LoRA: "use_dora" may change numbers, and is not implemented; merge the adapter in Python (merge_and_unload) and save the whole model',
    ],
    [
      "a field of a later version",
      config({ use_wonders: { often: 1 } }),
      'FOLDER/adapter/adapter_config.json: LoRA: "use_wonders" may change numbers, and is not implemented; merge the adapter in Python (merge_and_unload) and save the whole model',
    ],
    [
      "first numbers that change the base",
      config({ init_lora_weights: "pissa" }),
      'FOLDER/adapter/adapter_config.json: LoRA: "init_lora_weights" is "pissa", but must be one of true, false, gaussian, eva, orthogonal: others change the base\'s weights too, which is not implemented',
    ],
    [
      "no modules",
      config({ target_modules: null }),
      'FOLDER/adapter/adapter_config.json: LoRA: there is no "target_modules", which says what is adapted; write there the names that adapter_model.safetensors has before ".lora_A"',
    ],
    [
      "no method",
      config({ peft_type: undefined }),
      'FOLDER/adapter/adapter_config.json: there is no "peft_type"; is this an adapter\'s configuration? In Python, model.save_pretrained(…) of a PEFT model writes it',
    ],
    [
      "a pattern that is none",
      config({ target_modules: "(" }),
      'FOLDER/adapter/adapter_config.json: LoRA: "target_modules" is "(", but must be a list of names, or a pattern',
    ],
    [
      "another rank",
      config({ r: 4 }),
      'FOLDER/adapter/adapter_model.safetensors: "transformer.h.0.attn.c_attn" is of rank 2, but adapter_config.json makes it 4',
    ],
    [
      "a module that is not named",
      config({ target_modules: ["c_attn"] }),
      'FOLDER/adapter/adapter_model.safetensors: "transformer.h.0.attn.c_proj" is adapted, but adapter_config.json does not name it in "target_modules"',
    ],
    [
      "a tensor without its other half",
      tensors((all) => all.delete(A)),
      `FOLDER/adapter/adapter_model.safetensors: "transformer.h.0.attn.c_attn" lacks "${A}"`,
    ],
    [
      "a layer that the base has not",
      tensors((all) => all.set(A.replace("h.0", "h.7"), all.get(A)!)),
      'FOLDER/adapter/adapter_model.safetensors: "transformer.h.7.attn.c_attn" is no layer of the base',
    ],
    [
      "a parameter that the base has not",
      rename(A, "base_model.model.strange.weight"),
      'FOLDER/adapter/adapter_model.safetensors: the base has no parameter for "base_model.model.strange.weight"',
    ],
    [
      "names of something else",
      rename(A, "transformer.h.0.attn.c_attn.lora_A.weight"),
      'FOLDER/adapter/adapter_model.safetensors: "transformer.h.0.attn.c_attn.lora_A.weight" should begin with "base_model.model."',
    ],
    [
      "an adapter of the table of words",
      rename(A, "base_model.model.transformer.wte.lora_embedding_A"),
      'FOLDER/adapter/adapter_model.safetensors: "base_model.model.transformer.wte.lora_embedding_A" adapt a table of vectors, which is not implemented; merge the adapter in Python (merge_and_unload) and save the whole model',
    ],
    [
      "an adapter of a layer that is not linear",
      (folder) => {
        config({ target_modules: ["c_attn", "c_proj", "wte"] })(folder);
        tensors((all) => {
          for (const part of ["A", "B"])
            all.set(`base_model.model.transformer.wte.lora_${part}.weight`, all.get(A.replace("_A.", `_${part}.`))!);
        })(folder);
      },
      'FOLDER/base: "transformer.wte" is no linear layer, and no other can be adapted',
    ],
    [
      "another width",
      tensors((all) => all.set(A, { dtype: "float32", shape: [2, 6], data: new Float32Array(12) })),
      `FOLDER/adapter/adapter_model.safetensors: "${A}" is [2, 6], but the base makes it [2, 12]`,
    ],
    [
      "a table of words that parts from the output",
      tensors((all) =>
        all.set("base_model.model.transformer.wte.weight", {
          dtype: "float32",
          shape: [31, 12],
          data: new Float32Array(31 * 12),
        }),
      ),
      'FOLDER/adapter/adapter_model.safetensors: "base_model.model.transformer.wte.weight" parts it from "lm_head.weight", which is tied to it in the base: that is not implemented',
    ],
    [
      "no tensors",
      (folder) => rmSync(join(folder, "adapter/adapter_model.safetensors")),
      "FOLDER/adapter: there is no adapter_model.safetensors; in Python, model.save_pretrained(…) of a PEFT model writes it (adapter_model.bin is not read)",
    ],
    [
      "no base",
      (folder) => {
        renameSync(join(folder, "base"), join(folder, "elsewhere"));
        config({ base_model_name_or_path: "some/model" })(folder);
      },
      'FOLDER/adapter/adapter_config.json: its base, "base_model_name_or_path", is "some/model", which is no model folder here (tried "some/model", "FOLDER/adapter/some/model", "FOLDER/some/model", "ROOT/some/model"); put both into one folder, the model as "base" and the adapter as "adapter", and name that',
    ],
  ])("%s", (_, change, message) => {
    expect(told(change)).toBe(message);
  });

  test.each([
    ["null", " it holds no JSON object"],
    ["[1]", " it holds no JSON object"],
    ['"x"', " it holds no JSON object"],
    ["{}", ' there is no "peft_type"; is this an adapter\'s configuration? '],
    ["{", "1:2: "],
  ])("a configuration that is %s", (text, says) => {
    const change = (folder: string) => writeFileSync(join(folder, "adapter/adapter_config.json"), text);
    const file = "FOLDER/adapter/adapter_config.json:";
    for (const open of [openFolder, taskOf, (folder: string) => openFolder(join(folder, "adapter"))])
      expect(told(change, open)).toContain(`${file}${says}`);
  });

  test("a folder without an adapter", () => {
    expect(messageOf(() => openAdapted(join(golden, "gpt2-default")))).toContain(
      "there is no adapter_config.json; is this an adapter's folder?",
    );
  });

  test("a parameter that the base has not, asked for another task than the adapter's", () => {
    const open = (folder: string) => openFolder(folder, { task: "feature-extraction" });
    expect(told(rename(A, "base_model.model.strange.weight"), open)).toBe(
      'FOLDER/adapter/adapter_model.safetensors: the base has no parameter for "base_model.model.strange.weight"; the adapter is for language-modeling, the model for feature-extraction',
    );
  });

  test("a task that is not the reference's", () => {
    expect(told(config({ task_type: "SEQ_CLS" }), openReference)).toBe(
      'FOLDER: with "task_type" in adapter_config.json the model is GPT2ForSequenceClassification, but its reference is GPT2LMHeadModel; correct the one that is wrong',
    );
  });

  test("a reference's faults come after the folder's own", () => {
    const change = (folder: string) => {
      rmSync(join(folder, "expected.safetensors"));
      config({ r: 9 })(folder);
    };
    expect(told(change, openReference)).toContain("is of rank 2, but adapter_config.json makes it 9");
  });
});
