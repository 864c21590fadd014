import { expect, test } from "vitest";
import { bert } from "../models/index.ts";
import { trainCharTokenizer, wordTokenizer } from "../tokenizers/index.ts";
import { train } from "../train/index.ts";
import { maskedLanguageModeling } from "./index.ts";
import type { Batch } from "./task.ts";
import { continuationOf } from "./whole-words.ts";

const specialTokens = { pad: "[PAD]", unk: "[UNK]", cls: "[CLS]", sep: "[SEP]", mask: "[MASK]" };
const text = "abcdefgh ".repeat(200);
const tokenizer = await trainCharTokenizer(text, { specialTokens });
const id = (token: string) => tokenizer.tokenToId(token)!;
const rows = ({ data, dims }: Batch[string]) =>
  Array.from({ length: dims[0]! }, (_, r) =>
    Array.from(data.slice(r * dims[1]!, (r + 1) * dims[1]!) as BigInt64Array, Number),
  );
const options = { batchSize: 4, seed: 3 };

test("rows are blocks of text between the special tokens, hidden anew at each update", async () => {
  const task = maskedLanguageModeling({ blockSize: 16 });
  const data = await task.open({ train: text }, tokenizer, options);
  const [first, second] = await data.batches(1, 2);
  const ids = rows(first!["input_ids"]!);
  const labels = rows(first!["labels"]!);
  ids.forEach((row, r) => {
    expect([row[0], row.at(-1)]).toEqual([id("[CLS]"), id("[SEP]")]);
    const real = row.map((x, i) => (labels[r]![i]! >= 0 ? labels[r]![i]! : x)).slice(1, -1);
    expect(text).toContain(tokenizer.decode(real));
    expect([labels[r]![0], labels[r]!.at(-1)]).toEqual([-100, -100]);
  });
  expect(second).not.toEqual(first);
  expect(await data.batches(1, 1)).toEqual([first]);
});

test("held-out rows are hidden alike at every evaluation, and counted by what is hidden", async () => {
  const data = await maskedLanguageModeling({ blockSize: 16 }).open({ train: text }, tokenizer, options);
  const [a, b] = [
    [...(data.validation!() as Iterable<{ batch: Batch; count: number }>)],
    [...(data.validation!() as Iterable<{ batch: Batch; count: number }>)],
  ];
  expect(a).toEqual(b);
  for (const { batch, count } of a)
    expect(
      rows(batch["labels"]!)
        .flat()
        .filter((x) => x >= 0),
    ).toHaveLength(count);
});

test("in half of the pairs the second text follows the first", async () => {
  const data = await maskedLanguageModeling({ blockSize: 21, nextSentence: true }).open({ train: text }, tokenizer, {
    batchSize: 400,
    seed: 1,
  });
  const [batch] = await data.batches(1, 1);
  const next = Array.from(batch!["next_sentence_label"]!.data as BigInt64Array, Number);
  expect(next.reduce((a, b) => a + b) / 400).toBeCloseTo(0.5, 1);
  const [types, ids, labels] = [rows(batch!["token_type_ids"]!), rows(batch!["input_ids"]!), rows(batch!["labels"]!)];
  next.forEach((label, r) => {
    const real = ids[r]!.map((x, i) => (labels[r]![i]! >= 0 ? labels[r]![i]! : x));
    const [a, b] = [0, 1].map((type) =>
      tokenizer.decode(
        real.filter((_, i) => types[r]![i] === type),
        { skipSpecialTokens: true },
      ),
    );
    if (label === 0) expect(text).toContain(a! + b!);
  });
});

test("a model learns to fill in the alphabet", async () => {
  let last = Number.POSITIVE_INFINITY;
  const run = train({
    model: bert({
      hidden_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 4,
      intermediate_size: 64,
      hidden_dropout_prob: 0,
      attention_probs_dropout_prob: 0,
    }),
    tokenizer,
    task: maskedLanguageModeling({ blockSize: 16 }),
    data: { train: text },
    training: { batchSize: 16, maxSteps: 150, learningRate: 5e-3 },
    threads: 1,
  });
  for await (const event of run) if (event.event === "evaluation") last = event.metrics["masked_perplexity"]!;
  expect(last).toBeLessThan(6); // guessing by frequency gives 9
}, 60_000);

test("what cannot be is told", async () => {
  const bare = wordTokenizer("a b c");
  expect(() => maskedLanguageModeling().open({ train: text }, bare, options)).toThrow(
    "masked-language-modeling: the tokenizer has no mask token; train one with it: tokenizer train --special-tokens [PAD] [UNK] [CLS] [SEP] [MASK]",
  );
  const noEnds = wordTokenizer("a b c", { specialTokens: { mask: "[MASK]" } });
  await expect(maskedLanguageModeling({ nextSentence: true }).open({ train: text }, noEnds, options)).rejects.toThrow(
    "masked-language-modeling: pairs of texts need a tokenizer with a [CLS] and a [SEP] token",
  );
  expect(() => maskedLanguageModeling({ blockSize: 4 })).toThrow(
    "masked-language-modeling: blockSize is 4, but must be a whole number ≥ 8",
  );
  expect(() => maskedLanguageModeling({ maskProbability: 1 })).toThrow(
    "masked-language-modeling: maskProbability is 1, but must be between 0 and 1",
  );
});

test("letters go on with letters where a vocabulary has no marks", () => {
  const goesOn = continuationOf(tokenizer);
  expect(goesOn(id("b"), id("a"))).toBe(true);
  expect(goesOn(id("b"), id(" "))).toBe(false);
  expect(goesOn(id(" "), id("b"))).toBe(false);
});
