import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshWeights, subjects } from "../../test/contract/subjects.ts";
import { edit, messageOf, newFolder, tinyFolder } from "../../test/tiny-folder.ts";
import { type HostTensor, openSafetensors, writeSafetensors } from "../formats/index.ts";
import { bert, build } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { count } from "../tensor/dtype.ts";
import { openFolder } from "./folder.ts";
import { freshWarning } from "./heads.ts";
import { saveFolder } from "./save.ts";

/** What a folder says that has been changed so. */
function complaint(change: (folder: string) => void): string {
  const folder = tinyFolder();
  change(folder);
  return messageOf(() => openFolder(folder)).replaceAll(folder, "FOLDER");
}
const config = (changes: Readonly<Record<string, unknown>>) => (folder: string) =>
  edit(join(folder, "config.json"), changes);

/** Rewrites the folder's tensors. */
const tensors = (change: (all: Map<string, HostTensor>) => void) => (folder: string) => {
  const file = join(folder, "model.safetensors");
  const all = readTensors(file);
  change(all);
  writeSafetensors(file, all);
};

function readTensors(file: string): Map<string, HostTensor> {
  using weights = openSafetensors(file);
  return new Map([...weights.tensors.keys()].map((name) => [name, weights.read(name)]));
}

const zeros = (...shape: number[]): HostTensor => ({
  dtype: "float32",
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const rename = (from: string, to: string) =>
  tensors((all) => {
    all.set(to, all.get(from)!);
    all.delete(from);
  });

describe("a folder that cannot be right is told in one line", () => {
  test.each<[what: string, change: (folder: string) => void, message: string]>([
    [
      "no folder",
      (f) => rmSync(f, { recursive: true }),
      "FOLDER: there is no such folder; a model is a folder with config.json and model.safetensors",
    ],
    [
      "no configuration",
      (f) => rmSync(join(f, "config.json")),
      "FOLDER: there is no config.json; is this a model folder?",
    ],
    [
      "a configuration that is no object",
      (f) => writeFileSync(join(f, "config.json"), "[1]"),
      "FOLDER/config.json: it holds no JSON object",
    ],
    [
      "no model type",
      config({ model_type: undefined }),
      'FOLDER/config.json: there is no "model_type"; is this a model\'s configuration?',
    ],
    [
      "a model type that is a number",
      config({ model_type: 2 }),
      'FOLDER/config.json: there is no "model_type"; is this a model\'s configuration?',
    ],
    [
      "an unknown model type",
      config({ model_type: "gtp2" }),
      'FOLDER/config.json: model: there is no type "gtp2"; did you mean "gpt2"? Known: ',
    ],
    [
      "an impossible value",
      config({ n_head: 0 }),
      'FOLDER/config.json: gpt2: "n_head" is 0, but must be a whole number from 1 to 2147483647',
    ],
    [
      "a value that is text",
      config({ n_embd: "12" }),
      'FOLDER/config.json: gpt2: "n_embd" is "12", but must be a whole number from 1 to 2147483647',
    ],
    [
      "a value that is null",
      config({ n_layer: null }),
      'FOLDER/config.json: gpt2: "n_layer" is null, but must be a whole number from 1 to 10000',
    ],
    [
      "more layers than there can be",
      config({ n_layer: 2e9 }),
      'FOLDER/config.json: gpt2: "n_layer" is 2000000000, but must be a whole number from 1 to 10000',
    ],
    [
      "heads that do not divide the width",
      config({ n_head: 5 }),
      "FOLDER/config.json: gpt2: n_embd 12 is not a multiple of n_head 5",
    ],
    [
      "an unknown activation",
      config({ activation_function: "gelo" }),
      'FOLDER/config.json: gpt2: "activation_function" is "gelo", but must be one of gelu, ',
    ],
    [
      "a setting that is not implemented",
      config({ add_cross_attention: true }),
      'FOLDER/config.json: gpt2: "add_cross_attention" is true, but must be false: nothing else is implemented',
    ],
    [
      "an unknown head",
      config({ architectures: ["GPT2ForMindReading"] }),
      'FOLDER/config.json: "architectures" names "GPT2ForMindReading", which is not implemented; there are GPT2LMHeadModel',
    ],
    [
      "a head that is a number",
      config({ architectures: 7 }),
      'FOLDER/config.json: "architectures" names 7, which is not implemented; there are GPT2LMHeadModel',
    ],
    [
      "no heads at all",
      config({ architectures: [] }),
      'FOLDER/config.json: "architectures" names missing, which is not implemented; there are GPT2LMHeadModel',
    ],
    [
      "no weights",
      (f) => rmSync(join(f, "model.safetensors")),
      "FOLDER: there is no model.safetensors and no model.safetensors.index.json; is this a model's folder?",
    ],
    [
      "only a pickle",
      (f) => {
        copyFileSync(join(f, "model.safetensors"), join(f, "pytorch_model.bin"));
        rmSync(join(f, "model.safetensors"));
      },
      "FOLDER: it has pytorch_model.bin but no model.safetensors; in Python, AutoModel.from_pretrained(…).save_pretrained(…) writes the latter",
    ],
    ["weights cut short", (f) => truncateSync(join(f, "model.safetensors"), 5000), "FOLDER/model.safetensors: "],
    [
      "weights of which nothing is left",
      (f) => truncateSync(join(f, "model.safetensors"), 0),
      "FOLDER/model.safetensors: ",
    ],
    [
      "another width",
      config({ n_embd: 6 }),
      'FOLDER/model.safetensors: "transformer.wte.weight" is [23, 12], but config.json makes it [23, 6]; "transformer.wpe.weight" is [16, 12], but config.json makes it [16, 6]; ',
    ],
    [
      "a vocabulary of 2³¹ − 1",
      config({ vocab_size: 2 ** 31 - 1 }),
      'FOLDER/model.safetensors: "transformer.wte.weight" is [23, 12], but config.json makes it [2147483647, 12]',
    ],
    [
      "a layer too many in the configuration",
      config({ n_layer: 3 }),
      'FOLDER/model.safetensors: it lacks "transformer.h.2.ln_1.weight", "transformer.h.2.ln_1.bias", "transformer.h.2.attn.c_attn.weight", ',
    ],
    [
      "10,000 layers in the configuration",
      config({ n_layer: 10_000 }),
      'FOLDER/model.safetensors: it lacks "transformer.h.2.ln_1.weight", ',
    ],
    [
      "a layer too few in the configuration",
      config({ n_layer: 1 }),
      'FOLDER/model.safetensors: it has unexpected "transformer.h.1.attn.c_attn.bias", ',
    ],
    [
      "a lost tensor",
      tensors((all) => all.delete("transformer.ln_f.bias")),
      'FOLDER/model.safetensors: it lacks "transformer.ln_f.bias"',
    ],
    [
      "a tensor more",
      tensors((all) => all.set("surplus", zeros(2))),
      'FOLDER/model.safetensors: it has unexpected "surplus"',
    ],
    [
      "a tensor by another name",
      rename("transformer.ln_f.bias", "transformer.ln_f.beta"),
      'FOLDER/model.safetensors: it lacks "transformer.ln_f.bias"; it has unexpected "transformer.ln_f.beta"',
    ],
    [
      "a tensor of another shape",
      tensors((all) => all.set("transformer.ln_f.bias", zeros(3, 4))),
      'FOLDER/model.safetensors: "transformer.ln_f.bias" is [3, 4], but config.json makes it [12]',
    ],
    [
      "a matrix lying the other way",
      tensors((all) => all.set("transformer.h.1.mlp.c_fc.weight", zeros(48, 12))),
      'FOLDER/model.safetensors: "transformer.h.1.mlp.c_fc.weight" is [48, 12], but config.json makes it [12, 48]',
    ],
    [
      "a tensor of whole numbers",
      tensors((all) => all.set("transformer.ln_f.bias", { dtype: "int32", shape: [12], data: new Int32Array(12) })),
      'FOLDER/model.safetensors: "transformer.ln_f.bias" is I32, but a parameter\'s numbers are floats',
    ],
    [
      "a name with a line break",
      tensors((all) => all.set("a\nb", zeros(1))),
      'FOLDER/model.safetensors: it has unexpected "a\\nb"',
    ],
    [
      "generation settings that are no object",
      (f) => writeFileSync(join(f, "generation_config.json"), "3"),
      "FOLDER/generation_config.json: it holds no JSON object",
    ],
  ])("%s", (_, change, message) => {
    const told = complaint(change);
    expect(told.slice(0, message.length)).toBe(message);
    expect(told).not.toContain("\n");
    expect(told.length).toBeLessThan(1500);
  });
});

test("whatever bytes are changed in its weights, a folder opens or says why in one line", () => {
  const folder = tinyFolder();
  const file = join(folder, "model.safetensors");
  const bytes = readFileSync(file);
  const header = Number(bytes.readBigUInt64LE(0)) + 8;
  const damage = fc.array(fc.tuple(fc.nat(header - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(damage, fc.nat(bytes.length), (changes, length) => {
      const damaged = Buffer.from(bytes.subarray(0, Math.max(length, bytes.length - 99)));
      for (const [at, byte] of changes) damaged[at] = byte;
      writeFileSync(file, damaged);
      let message = "";
      try {
        openFolder(folder).close();
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toContain("\n");
      expect(message.length).toBeLessThan(2000);
    }),
    { numRuns: 150 },
  );
});

describe("names that old checkpoints have", () => {
  const opened = (change: (all: Map<string, HostTensor>) => void, changes = {}) => {
    const folder = tinyFolder(changes);
    tensors(change)(folder);
    return openFolder(folder);
  };
  const bare = (all: Map<string, HostTensor>) => {
    for (const [name, tensor] of [...all]) {
      all.delete(name);
      all.set(name.replace("transformer.", ""), tensor);
    }
  };
  const embeddings = "transformer.wte.weight";

  test("a bare model's lack the head's prefix, and bring masks along", () => {
    using folder = opened((all) => {
      bare(all);
      all.set("h.0.attn.bias", zeros(1, 1, 16, 16)).set("h.0.attn.masked_bias", zeros());
    });
    expect(folder.storedNames.get("transformer.h.1.attn.c_attn.bias")).toBe("h.1.attn.c_attn.bias");
  });

  test("a copy of tied weights is passed over", () => {
    using folder = opened((all) => all.set("lm_head.weight", all.get(embeddings)!));
    expect([...folder.params.keys()]).not.toContain("lm_head.weight");
  });

  test("a tied weight may be there under its second name only", () => {
    using folder = opened((all) => {
      all.set("lm_head.weight", all.get(embeddings)!);
      all.delete(embeddings);
    });
    expect(folder.storedNames.get(embeddings)).toBe("lm_head.weight");
  });

  test("two tied weights that differ are kept apart, as transformers 5 does", () => {
    using folder = opened((all) => all.set("lm_head.weight", zeros(23, 12)));
    expect(folder.spec.config["tie_word_embeddings"]).toBe(false);
    expect(folder.storedNames.get("lm_head.weight")).toBe("lm_head.weight");
  });

  test("norms of 2018 have gamma and beta", () => {
    const { folder, names } = bertFolder((all) => {
      for (const [name, tensor] of [...all]) {
        all.delete(name);
        all.set(
          name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
          tensor,
        );
      }
    });
    using opened = openFolder(folder);
    expect(opened.storedNames.get(names[0]!)).toBe("bert.embeddings.LayerNorm.gamma");
  });

  test("what the file has for other heads is passed over, and listed", () => {
    const { folder } = bertFolder((all) => {
      all.set("bert.pooler.dense.weight", zeros(12, 12)).set("cls.seq_relationship.bias", zeros(2));
      all.set("bert.embeddings.position_ids", { dtype: "int64", shape: [1, 16], data: new BigInt64Array(16) });
    });
    using opened = openFolder(folder);
    expect(opened.unused).toEqual(["bert.pooler.dense.weight", "cls.seq_relationship.bias"]);
  });

  test("a bare model reads a file with a head's names", () => {
    const { folder } = bertFolder((all) => {
      all.set("bert.pooler.dense.weight", zeros(12, 12)).set("bert.pooler.dense.bias", zeros(12));
    }, "BertModel");
    using opened = openFolder(folder);
    expect(opened.storedNames.get("embeddings.LayerNorm.weight")).toBe("bert.embeddings.LayerNorm.weight");
    expect(opened.unused).toContain("cls.predictions.bias");
  });

  test("a setting that changes numbers and is not implemented is refused by name", () => {
    const { folder } = bertFolder(() => {});
    edit(join(folder, "config.json"), { position_embedding_type: "relative_key" });
    expect(() => openFolder(folder)).toThrow(
      'bert: "position_embedding_type" is "relative_key", but must be "absolute": nothing else is implemented',
    );
  });

  test("an untied head must be there", () => {
    expect(() => opened((all) => all.delete("lm_head.weight"), { tie_word_embeddings: false })).toThrow(
      'it lacks "lm_head.weight"',
    );
  });
});

/** A tiny BERT for masked words whose tensors were changed; `head` is what its configuration then says. */
function bertFolder(change: (all: Map<string, HostTensor>) => void, head = "BertForMaskedLM") {
  const folder = newFolder();
  const spec = bert(bert.tiny);
  const params = namedParams(build(spec, "BertForMaskedLM"));
  const weights = new Map([...params].map(([name, { shape }]) => [name, new Float32Array(count(shape))]));
  saveFolder(folder, { spec, headName: "BertForMaskedLM", weights });
  tensors(change)(folder);
  edit(join(folder, "config.json"), { architectures: [head] });
  return { folder, names: ["bert.embeddings.LayerNorm.weight"] };
}

describe("a folder that was made for another head", () => {
  const added = ["cls.predictions.bias", "cls.predictions.transform.dense.weight"];
  const bareFolder = () =>
    bertFolder((all) => {
      for (const [name, tensor] of [...all]) {
        all.delete(name);
        if (name.startsWith("bert.")) all.set(name.slice("bert.".length), tensor);
      }
      all.set("pooler.dense.weight", zeros(12, 12)).set("pooler.dense.bias", zeros(12));
    }, "BertModel").folder;

  test("gives the body's numbers, and names the wanted head's, which are fresh", () => {
    using opened = openFolder(bareFolder(), { task: "masked-language-modeling" });
    expect(opened.headName).toBe("BertForMaskedLM");
    expect(opened.storedNames.get("bert.embeddings.LayerNorm.weight")).toBe("embeddings.LayerNorm.weight");
    expect(opened.fresh).toEqual(expect.arrayContaining(added));
    expect(opened.fresh.every((name) => name.startsWith("cls.predictions."))).toBe(true);
    expect([...opened.unused].sort()).toEqual(["pooler.dense.bias", "pooler.dense.weight"]);
    expect(freshWarning("F", opened.headName, opened.fresh)).toMatch(
      /^F: it has no "cls\.predictions\..*"; BertForMaskedLM begins with fresh ones, which mean nothing until they are trained$/,
    );
  });

  test("what is fresh is drawn, from the seed", () => {
    const folder = bareFolder();
    const numbers = (seed: number) => {
      using opened = openFolder(folder, { task: "masked-language-modeling", seed });
      const into = new Float32Array(144);
      opened.read(added[1]!, into);
      return [...into];
    };
    expect(new Set(numbers(1)).size).toBeGreaterThan(140);
    expect(numbers(1)).toEqual(numbers(1));
    expect(numbers(2)).not.toEqual(numbers(1));
  });

  test("must have what all heads share, and no other shape than the configuration's", () => {
    const folder = bareFolder();
    const opened = () => openFolder(folder, { task: "token-classification" });
    tensors((all) => void all.delete("encoder.layer.1.output.dense.bias"))(folder);
    expect(opened).toThrow('it lacks "bert.encoder.layer.1.output.dense.bias"');
    tensors((all) => void all.set("encoder.layer.1.output.dense.bias", zeros(3)))(folder);
    expect(opened).toThrow('"encoder.layer.1.output.dense.bias" is [3], but config.json makes it [12]');
  });

  test("may be of a head that is not implemented", () => {
    const { folder } = bertFolder(() => {}, "BertLMHeadModel");
    using opened = openFolder(folder, { task: "masked-language-modeling" });
    expect(opened.fresh).toEqual([]);
  });

  test("a head's own folder lacks nothing of it", () => {
    const { folder } = bertFolder((all) => void all.delete("cls.predictions.bias"));
    expect(() => openFolder(folder, { task: "masked-language-modeling" })).toThrow('it lacks "cls.predictions.bias"');
  });

  test("a bare body may have been saved without its pooler", () => {
    const folder = bareFolder();
    tensors((all) => void all.delete("pooler.dense.bias"))(folder);
    using opened = openFolder(folder);
    expect(opened.fresh).toEqual(["pooler.dense.bias"]);
  });

  test("a task that no head is for is told with those there are", () => {
    expect(() => openFolder(bareFolder(), { task: "translation" })).toThrow(
      'bert: it has no head for the task "translation"; it has heads for masked-language-modeling, pretraining, ',
    );
  });

  const withBare = subjects.filter(({ spec: { architecture } }) =>
    Object.values(architecture.heads).some(({ task }) => task === "feature-extraction"),
  );
  test.each(withBare.map(({ headName, spec }) => [headName, spec] as const))(
    "%s: the bare model reads its body",
    (headName, spec) => {
      const folder = newFolder();
      saveFolder(folder, { spec, headName, weights: freshWeights(namedParams(build(spec, headName))) });
      using opened = openFolder(folder, { task: "feature-extraction" });
      expect(opened.fresh.filter((name) => !name.startsWith("pooler"))).toEqual([]);
      expect(opened.storedNames.size).toBe(opened.params.size - opened.fresh.length);
    },
  );
});

test("a folder without `architectures` has its model type's first head", () => {
  const folder = tinyFolder();
  edit(join(folder, "config.json"), { architectures: undefined });
  using opened = openFolder(folder);
  expect(opened.headName).toBe("GPT2LMHeadModel");
});

test("half-precision weights are read as float32", () => {
  const folder = tinyFolder();
  const file = join(folder, "model.safetensors");
  const all = readTensors(file);
  all.set("transformer.ln_f.bias", {
    ...zeros(12),
    data: Float32Array.from({ length: 12 }, (_, i) => i / 8),
  } as HostTensor);
  writeSafetensors(file, all, { store: "BF16" });
  using opened = openFolder(folder);
  const into = new Float32Array(12);
  opened.read("transformer.ln_f.bias", into);
  expect([...into]).toEqual(Array.from({ length: 12 }, (_, i) => i / 8));
});

test("weights may lie in several files", () => {
  const folder = tinyFolder();
  const all = [...readTensors(join(folder, "model.safetensors"))];
  rmSync(join(folder, "model.safetensors"));
  const shards = { "model-1.safetensors": all.slice(0, 9), "model-2.safetensors": all.slice(9) };
  const weight_map: Record<string, string> = {};
  for (const [shard, part] of Object.entries(shards)) {
    writeSafetensors(join(folder, shard), new Map(part));
    for (const [name] of part) weight_map[name] = shard;
  }
  writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map }));
  using opened = openFolder(folder);
  expect(opened.params.size).toBe(all.length);
});

test("a folder that is closed gives no more numbers", () => {
  const opened = openFolder(tinyFolder());
  opened.close();
  expect(() => opened.read("transformer.ln_f.bias", new Float32Array(12))).toThrow("is closed");
});

const shared = join(import.meta.dirname, "../../../shared/golden/bert-pytorch-bin");
test.skipIf(!existsSync(shared))("a published pickle is told from a folder without weights", () => {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(shared, "pytorch_model.bin"), join(folder, "pytorch_model.bin"));
  copyFileSync(join(tinyFolder(), "config.json"), join(folder, "config.json"));
  expect(() => openFolder(folder)).toThrow("it has pytorch_model.bin but no model.safetensors");
});
