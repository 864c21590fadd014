/** A folder as a model that runs: with its own head, or with another. */
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshWeights } from "../test/contract/subjects.ts";
import { newFolder, tinyFolder } from "../test/tiny-folder.ts";
import { openSafetensors } from "./formats/index.ts";
import { saveFolder } from "./hub/index.ts";
import { load } from "./load.ts";
import { bert, build } from "./models/index.ts";
import { namedParams } from "./nn/index.ts";
import { charTokenizer, saveTokenizer } from "./tokenizers/index.ts";

const input_ids = [[3, 1, 4, 1, 5]];
const threads = 1;

test("a language model's folder gives the states of its tokens as a bare model", async () => {
  const folder = tinyFolder();
  await using whole = await load(folder, { threads });
  await using bare = await load(folder, { threads, task: "feature-extraction" });
  expect({ head: bare.architecture, fresh: bare.fresh }).toEqual({ head: "GPT2Model", fresh: [] });
  const { last_hidden_state: states } = await bare.run({ input_ids });
  const all = await whole.run({ input_ids }, { outputHiddenStates: true });
  expect(states!.data).toEqual(all["hidden_states.2"]!.data);
});

test("what the file has no numbers for is fresh, and a warning of the process names it", async () => {
  const folder = newFolder();
  const spec = bert(bert.tiny);
  saveFolder(folder, { spec, headName: "BertModel", weights: freshWeights(namedParams(build(spec, "BertModel"))) });
  const told = once(process, "warning");
  await using model = await load(folder, { threads, task: "token-classification", seed: 3 });
  expect(model.fresh).toEqual(["classifier.weight", "classifier.bias"]);
  expect((await told)[0].message).toBe(
    `${folder}: it has no "classifier.weight", "classifier.bias"; BertForTokenClassification begins with fresh ones, which mean nothing until they are trained`,
  );
  const { logits } = await model.run({ input_ids });
  expect(logits.dims).toEqual([1, 5, 2]);
  await using again = await load(folder, { threads, task: "token-classification", seed: 3 });
  expect((await again.run({ input_ids })).logits.data).toEqual(logits.data);
});

test("labels may be classes, or a number for each class where the configuration does not say which", async () => {
  const golden = join(import.meta.dirname, "../test/golden/bert-labels-of-floats");
  using expected = openSafetensors(join(golden, "expected.safetensors"));
  const numbers = (name: string) => {
    const { shape, data } = expected.read(name);
    return { dims: shape, data: Array.from<number | bigint, number>(data, Number) };
  };
  await using model = await load(golden, { threads });
  const inputs = Object.fromEntries(
    ["input_ids", "attention_mask", "token_type_ids", "labels"].map((name) => [name, numbers(`inputs.${name}`)]),
  );
  const { loss } = await model.run(inputs);
  expect(loss!.data[0]).toBeCloseTo(numbers("outputs.loss").data[0]!, 5);
  const classes = await model.run({ ...inputs, labels: [2, 0] });
  expect(classes["loss"]!.dims).toEqual([]);
  await expect(model.run({ ...inputs, labels: [[[1]], [[0]]] })).rejects.toThrow(
    "run: labels is [2, 1, 1], but must be [batch]",
  );
});

test("a model without logits for the next token does not go on with a text", async () => {
  const folder = tinyFolder();
  await saveTokenizer(folder, charTokenizer("abcdefghijklmnopqrstuvw"));
  await using model = await load(folder, { threads, task: "feature-extraction" });
  await expect(model.generate("a").next()).rejects.toThrow(
    `${folder}: GPT2Model is for feature-extraction, and does not go on with a text`,
  );
});
