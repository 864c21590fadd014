import { expect, test } from "vitest";
import { type Card, modelCard } from "./model-card.ts";

const card: Card = {
  name: "shakespeare",
  task: "language-modeling",
  modelType: "gpt2",
  parameters: 809_856,
  inTransformers: true,
  data: [
    { part: "train", name: "input.txt", bytes: 1_003_854 },
    { part: "validation", name: "a|b `c`.txt", bytes: 111_540 },
  ],
  settings: { batchSize: 12, learningRate: 1e-3, tokenizer: "char" },
  results: {
    step: 2000,
    maxSteps: 2000,
    trainLoss: 1.61,
    best: { step: 1750, loss: 1.78642, metrics: { perplexity: 5.9681, bits_per_token: 2.5773 } },
    floor: 1.7,
    tokensPerSecond: 12_345.6,
    seconds: 92.4,
  },
  example: "To be",
};

test("a card has metadata, data, results, settings, use and limits", () => {
  expect(modelCard(card)).toBe(`---
library_name: transformers
pipeline_tag: text-generation
tags:
  - "trainformer"
  - "gpt2"
metrics:
  - "perplexity"
  - "bits_per_token"
---

# shakespeare

A \`gpt2\` model with 809,856 parameters, trained from scratch for language-modeling with trainformer.

## Data

| part | file | bytes |
| --- | --- | --- |
| train | \`input.txt\` | 1,003,854 |
| validation | \`a\\|b 'c'.txt\` | 111,540 |

## Results

| measured | value |
| --- | --- |
| steps | 2,000 of 2,000 |
| best validation loss | 1.7864, at step 1,750 |
| perplexity | 5.9681 |
| bits per token | 2.5773 |
| least loss possible | 1.7; the validation loss is 5.1 % above it |
| last training loss | 1.61 |
| speed | 12,346 tokens a second |
| time | 1 min 32 s |

## Settings

| setting | value |
| --- | --- |
| \`batchSize\` | \`12\` |
| \`learningRate\` | \`0.001\` |
| \`tokenizer\` | \`char\` |

## Use

\`\`\`sh
npx trainformer generate ./shakespeare --prompt 'To be'
\`\`\`

\`\`\`ts
import { load } from "trainformer";

await using model = await load("./shakespeare");
for await (const piece of model.generate("To be", { maxNewTokens: 100 })) process.stdout.write(piece);
\`\`\`

In Python:

\`\`\`python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("./shakespeare")
model = AutoModelForCausalLM.from_pretrained("./shakespeare")
ids = tokenizer("To be", return_tensors="pt").input_ids
print(tokenizer.decode(model.generate(ids, max_new_tokens=100)[0]))
\`\`\`

## Limits

- It knows nothing but its data: what it says is like them, and need not be true.
- It was measured on held-out data of the same source; on other data it may do worse.
- What it may be used for depends on the licence of its data, which is not stated here.
`);
});

test("before the first step nothing is said to be measured", () => {
  const { results: _, ...begun } = card;
  expect(modelCard(begun)).toContain("## Results\n\nThe run has begun; nothing is measured yet.\n\n## Settings");
  expect(modelCard(begun)).toContain("- It was not measured on held-out data.\n");
  expect(modelCard(begun)).not.toContain("metrics:");
});

test("a loss below its floor is told as a leak, and one without validation has no best", () => {
  const { best, ...unmeasured } = card.results!;
  expect(modelCard({ ...card, results: { ...unmeasured, best: { ...best!, loss: 1.69 } } })).toContain(
    "| least loss possible | 1.7; the validation loss is below it, so something leaks |",
  );
  const text = modelCard({ ...card, results: { ...unmeasured, seconds: 7384 } });
  expect(text).toContain("| steps | 2,000 of 2,000 |\n| least loss possible | 1.7 |\n| last training loss | 1.61 |");
  expect(text).toContain("| time | 2 h 3 min 4 s |");
});

test("a fine-tuned model names where it is from, and its task decides how it is used", () => {
  const text = modelCard({ ...card, task: "text-classification", modelType: "bert", base: "google/bert-tiny" });
  expect(text).toContain('base_model: "google/bert-tiny"\n');
  expect(text).toContain("fine-tuned from `google/bert-tiny` for text-classification");
  expect(text).toContain("npx trainformer predict ./shakespeare 'To be'\n");
  expect(text).toContain('console.log(await model.predict(["To be"]));\n');
  expect(text).toContain('print(model(**tokenizer("To be", return_tensors="pt")))\n');
  expect(text).toContain("- It keeps the faults of the model that it was fine-tuned from.\n");
  expect(modelCard({ ...card, base: "./runs/first" })).not.toContain("base_model");
});

test("a model that fills in what is hidden is evaluated and run, since it writes nothing", () => {
  const text = modelCard({ ...card, task: "masked-language-modeling", modelType: "bert" });
  expect(text).toContain("npx trainformer evaluate ./shakespeare --data other.txt\n");
  expect(text).toContain('await model.run({ input_ids: [[...model.tokenizer!.encodeIds("To be")]] });\n');
  expect(text).toContain('AutoModelForMaskedLM.from_pretrained("./shakespeare")');
  expect(text).not.toContain("predict");
  expect(modelCard({ ...card, task: "pretraining", modelType: "bert" })).not.toContain("In Python");
});

test("what transformers does not know is not said to load there", () => {
  const text = modelCard({ ...card, modelType: "lstm", task: "forecasting", inTransformers: false });
  expect(text).toContain("library_name: trainformer\ntags:");
  expect(text).not.toContain("Python");
});

test("a model of numbers is used with a file of them", () => {
  const text = modelCard({ ...card, task: "sequence-regression", inTransformers: false });
  expect(text).toContain("npx trainformer predict ./shakespeare --file series.csv --horizon 12\n");
  expect(text).toContain("model.run({ past_values: [values.map((x) => [x])] })");
});

test("names and texts from outside stay what they are", () => {
  const text = modelCard({ ...card, name: "my *run*", example: 'it\'s\n"so"' });
  expect(text).toContain("# my \\*run\\*\n");
  expect(text).toContain("generate './my *run*' --prompt 'it'\\''s\n\"so\"'\n");
  expect(text).toContain('model.generate("it\'s\\n\\"so\\"", ');
});
