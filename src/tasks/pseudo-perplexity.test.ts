/** Pseudo-perplexity: the product of what a model thinks of each token beside all others. */
import { expect, test } from "vitest";
import { freshWeights } from "../../test/contract/subjects.ts";
import { newFolder } from "../../test/tiny-folder.ts";
import { saveFolder } from "../hub/index.ts";
import { load } from "../load.ts";
import { bert, build } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { charTokenizer, saveTokenizer } from "../tokenizers/index.ts";
import { evaluateFolder } from "../train/evaluate.ts";
import { pseudoPerplexity } from "./pseudo-perplexity.ts";

const text = "a cat sat on a mat and a dog ran";
const specialTokens = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };
const tokenizer = charTokenizer(text, { specialTokens });
const options = { batchSize: 5, seed: 0 };

async function folderOf(headName: string): Promise<string> {
  const spec = bert({ ...bert.tiny, vocab_size: tokenizer.vocabSize, initializer_range: 0.5 });
  const folder = newFolder();
  saveFolder(folder, { spec, headName, weights: freshWeights(namedParams(build(spec, headName))) });
  await saveTokenizer(folder, tokenizer);
  return folder;
}

test.each(["BertForMaskedLM", "BertForPreTraining"])(
  "%s: each token is hidden alone, in a short last row too",
  async (headName) => {
    const folder = await folderOf(headName);
    const task = pseudoPerplexity({ blockSize: 16 });
    const dataset = await task.open({ train: text, validation: 1 }, tokenizer, options);
    const evaluation = await evaluateFolder(folder, task, dataset, { threads: 1 });

    await using model = await load(folder, { threads: 1 });
    const id = (token: string) => tokenizer.tokenToId(token)!;
    const ids = tokenizer.encodeIds(text);
    let total = 0;
    for (let start = 0; start < ids.length; start += 14)
      for (const [place, hidden] of ids.slice(start, start + 14).entries()) {
        const row = [id("[CLS]"), ...ids.slice(start, start + 14), id("[SEP]")];
        row[place + 1] = id("[MASK]");
        const { logits, prediction_logits } = await model.run({ input_ids: [row] });
        const scores = ((logits ?? prediction_logits)!.toArray() as number[][][])[0]![place + 1]!;
        total += Math.log(scores.reduce((sum, x) => sum + Math.exp(x), 0)) - scores[hidden]!;
      }
    expect(ids.length % 14).not.toBe(0);
    expect(evaluation.examples).toBe(ids.length);
    expect(evaluation.loss).toBeCloseTo(total / ids.length, 5);
    expect(evaluation.metrics).toEqual({ pseudo_perplexity: Math.exp(evaluation.loss) });
  },
);

test("without a mask token or a text there is none", async () => {
  const open = (given: string, by = tokenizer) => pseudoPerplexity().open({ train: given, validation: 1 }, by, options);
  await expect(open("abc", charTokenizer("abc"))).rejects.toThrow("the tokenizer has no mask token; train one with it");
  await expect(open("")).rejects.toThrow("pseudo-perplexity: there is no held-out text, or it has no tokens");
});
