/** Training that begins with a folder, made for the task or for another. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshWeights } from "../../test/contract/subjects.ts";
import { newFolder } from "../../test/tiny-folder.ts";
import { openFolder, saveFolder } from "../hub/index.ts";
import { bert, build } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { maskedLanguageModeling } from "../tasks/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import { fromFolder } from "./from-folder.ts";
import { train } from "./train.ts";

const text = "the cat sat on the mat and the dog ran ".repeat(20);
const specialTokens = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };
const tokenizer = charTokenizer(text, { specialTokens });
const spec = bert({ ...bert.tiny, vocab_size: tokenizer.vocabSize });

function folderOf(headName: string): string {
  const folder = newFolder();
  saveFolder(folder, { spec, headName, weights: freshWeights(namedParams(build(spec, headName))) });
  return folder;
}

/** One update, so small that it changes nothing; a run that goes on from there has no more to do. */
async function trained(headName: string, { nextSentence = false, resumed = false } = {}) {
  const task = maskedLanguageModeling({ blockSize: 16, nextSentence });
  const folder = folderOf(headName);
  const out = join(folder, "run");
  const from = fromFolder(folder, { task: task.name });
  const warnings: string[] = [];
  const run = async (mode: "fresh" | "resume") => {
    const training = { maxSteps: 1, learningRate: 1e-9, lrSchedulerType: "constant", batchSize: 2 } as const;
    const given = { model: spec, tokenizer, task, data: { train: text }, from, training, out, mode, threads: 1 };
    for await (const event of train(given)) if (event.event === "warning") warnings.push(event.message);
  };
  await run("fresh");
  if (resumed) await run("resume");
  return { folder, out, warnings };
}

/** Numbers of a parameter, by its name in the wanted head. */
function numbers(folder: string, name: string): Float32Array {
  using opened = openFolder(folder, { task: "masked-language-modeling" });
  const into = new Float32Array(opened.params.get(name)!.shape.reduce((a, b) => a * b, 1));
  opened.read(name, into);
  return into;
}

test("a bare body goes on as it is, under a fresh head that a warning names", async () => {
  const { folder, out, warnings } = await trained("BertModel");
  expect(warnings).toEqual([
    `${folder}: it has no "cls.predictions.transform.dense.weight", "cls.predictions.transform.dense.bias", "cls.predictions.transform.LayerNorm.weight", "cls.predictions.transform.LayerNorm.bias", "cls.predictions.bias"; BertForMaskedLM begins with fresh ones, which mean nothing until they are trained`,
  ]);
  const body = "bert.encoder.layer.1.output.dense.weight";
  const [before, after] = [numbers(folder, body), numbers(out, body)];
  expect(Math.max(...after.map((x, i) => Math.abs(x - before[i]!)))).toBeLessThan(1e-6);
  const head = numbers(out, "cls.predictions.transform.dense.weight");
  expect(new Set(head).size).toBeGreaterThan(140);
});

test("masked words learn next sentences as well: the pooler and its classes are fresh, the words' layer is not", async () => {
  const { folder, out, warnings } = await trained("BertForMaskedLM", { nextSentence: true });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(
    'it has no "bert.pooler.dense.weight", "bert.pooler.dense.bias", "cls.seq_relationship',
  );
  const name = "cls.predictions.transform.dense.weight";
  const [before, after] = [numbers(folder, name), numbers(out, name)];
  expect(Math.max(...after.map((x, i) => Math.abs(x - before[i]!)))).toBeLessThan(1e-6);
});

test("a folder of the task's own head has nothing to warn of, and a run that goes on neither", async () => {
  expect((await trained("BertForMaskedLM")).warnings).toEqual([]);
  expect((await trained("BertModel", { resumed: true })).warnings).toHaveLength(1);
});

test("a folder with a layer more than the model is refused", async () => {
  const folder = folderOf("BertForMaskedLM");
  const task = maskedLanguageModeling({ blockSize: 16 });
  const model = bert({ ...spec.config, num_hidden_layers: 1 });
  const from = fromFolder(folder, { task: task.name });
  const events = train({ model, tokenizer, task, data: { train: text }, from, threads: 1 });
  await expect(events.next()).rejects.toThrow(
    /it has "bert\.encoder\.layer\.1\..*" and 8 more, which the model to train has not; a model that goes on from a folder has its sizes$/,
  );
});
