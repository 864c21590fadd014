import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { align } from "./align.ts";
import { saveFolder } from "./hub/index.ts";
import { load } from "./load.ts";
import { build, seq2seq } from "./models/index.ts";
import { fillInitial, namedParams } from "./nn/index.ts";
import { keyOf } from "./random.ts";
import { count } from "./tensor/dtype.ts";
import { saveTokenizer, wordTokenizer } from "./tokenizers/index.ts";

const root = mkdtempSync(join(tmpdir(), "align-"));
afterAll(() => rmSync(root, { recursive: true }));
const specialTokens = { unk: "<unk>", pad: "<pad>", bos: "<s>", eos: "</s>" };
const [de, en] = ["ein Hund schläft im Garten", "a dog sleeps"].map((text) => wordTokenizer(text, { specialTokens }));

/** A folder of drawn weights. */
async function folder(name: string, config: object): Promise<string> {
  const sizes = {
    source_vocab_size: de!.vocabSize,
    target_vocab_size: en!.vocabSize,
    embedding_size: 4,
    hidden_size: 6,
  };
  const spec = seq2seq({ ...sizes, decoder_start_token_id: 2, eos_token_id: 3, pad_token_id: 1, ...config });
  const headName = "Seq2seqForConditionalGeneration";
  const weights = new Map<string, Float32Array>();
  for (const [name, { shape, init }] of namedParams(build(spec, headName))) {
    weights.set(name, new Float32Array(count(shape)));
    fillInitial(weights.get(name)!, init, keyOf(1, name));
  }
  const path = join(root, name);
  saveFolder(path, { spec, headName, weights });
  await saveTokenizer(path, de!);
  await saveTokenizer(join(path, "target_tokenizer"), en!);
  return path;
}
const texts = [
  { text: "ein Hund schläft", output: "a dog sleeps" },
  { text: "Hund", output: "dog" },
];

test("each token of a text has weights over its source that sum to 1, the same alone and beside longer ones", async () => {
  await using model = await load(await folder("additive", {}), { threads: 1 });
  const [long, short] = await align(model, texts);
  expect(long).toMatchObject({ source: ["ein", "Hund", "schläft", "</s>"], target: ["a", "dog", "sleeps", "</s>"] });
  expect(short).toMatchObject({ source: ["Hund", "</s>"], target: ["dog", "</s>"], sourceLength: 2 });
  for (const { weights, source } of [long!, short!])
    for (let at = 0; at < weights.length; at += source.length) {
      const row = Array.from(weights).slice(at, at + source.length);
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  const [alone] = await align(model, [texts[1]!]);
  for (const [i, weight] of Array.from(alone!.weights).entries()) expect(short!.weights[i]).toBeCloseTo(weight, 5);
});

test("where pads are asked for, they are there, with a weight of 0", async () => {
  await using model = await load(await folder("padded", { attention: "general", cell: "lstm" }), { threads: 1 });
  const [, short] = await align(model, texts, { pads: true });
  expect(short).toMatchObject({ source: ["Hund", "</s>", "<pad>", "<pad>"], sourceLength: 2 });
  const weights = Array.from(short!.weights);
  for (const at of [2, 3, 6, 7]) expect(weights[at]).toBe(0);
});

test("a model without attention has none to show", async () => {
  await using model = await load(await folder("fixed", { attention: "none" }), { threads: 1 });
  await expect(align(model, texts)).rejects.toThrow(
    "align: the model has no attention between its encoder and its decoder",
  );
});
