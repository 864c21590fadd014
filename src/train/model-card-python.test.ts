/** A card against Python's huggingface_hub and transformers: `$PYTHON` or `python3`, where it can import them, else skipped. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { saveTokenizer, trainCharTokenizer } from "../tokenizers/index.ts";
import { type Card, modelCard } from "./model-card.ts";

const card: Card = {
  name: "shakespeare",
  task: "language-modeling",
  modelType: "gpt2",
  parameters: 1_000,
  inTransformers: true,
  data: [],
  settings: {},
  results: {
    step: 1,
    maxSteps: 1,
    trainLoss: 1,
    best: { step: 1, loss: 1, metrics: { perplexity: 2.7, bits_per_token: 1.4 } },
    tokensPerSecond: 1,
    seconds: 1,
  },
  example: "To be",
};
const python = process.env["PYTHON"] ?? "python3";
const has = spawnSync(python, ["-c", "import transformers, torch, huggingface_hub"]).status === 0;
const root = mkdtempSync(join(tmpdir(), "card-"));
afterAll(() => rmSync(root, { recursive: true }));

describe.skipIf(!has)(`${python}, skipped where it cannot import transformers, torch and huggingface_hub`, () => {
  test("Hugging Face's library reads the metadata, and the card's Python runs", async () => {
    const folder = join(root, "shakespeare");
    mkdirSync(folder);
    await saveTokenizer(folder, await trainCharTokenizer("To be, or not to be"));
    writeFileSync(join(folder, "README.md"), modelCard(card));
    const code = `
import re, sys
from huggingface_hub import ModelCard
from transformers import GPT2Config, GPT2LMHeadModel
GPT2LMHeadModel(GPT2Config(vocab_size=32, n_positions=128, n_embd=8, n_layer=1, n_head=2)).save_pretrained("shakespeare")
card = ModelCard.load("shakespeare/README.md")
print(card.data.library_name, card.data.pipeline_tag, card.data.tags, card.data.metrics)
exec(re.search(r"\`\`\`python\\n(.*?)\`\`\`", card.text, re.S)[1])
`;
    const { status, stdout, stderr } = spawnSync(python, ["-c", code], { cwd: root, encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(
      /^transformers text-generation \['trainformer', 'gpt2'\] \['perplexity', 'bits_per_token'\]\nTo be/,
    );
  }, 120_000);
});
