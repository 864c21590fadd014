import { expect, test } from "vitest";
import { type TrainingProgress, trainInWorker, trainTokenizer } from "../index.ts";

const text = "the cat, the hat, the bat\n".repeat(50);

test.each(["bpe", "wordpiece", "unigram", "wordlevel", "char", "byte"] as const)(
  "a %s tokenizer learned in a worker is the one learned here",
  async (type) => {
    const options = { specialTokens: { unk: "<unk>", eos: "<eos>" } };
    const there = await trainInWorker(type, [text.slice(0, 100), text.slice(100)], options);
    const here = await trainTokenizer(type, text, options);
    expect(there.toJson()).toEqual(here.toJson());
    expect(there.specialTokens).toEqual(here.specialTokens);
  },
);

test("the worker tells how far it is", async () => {
  const stages = new Set<TrainingProgress["stage"]>();
  async function* slow() {
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      yield text;
    }
  }
  await trainInWorker("bpe", slow(), { onProgress: ({ stage }) => stages.add(stage) });
  expect(stages).toContain("reading");
});

test("an aborted training ends at once, though its source never does", async () => {
  const stop = new AbortController();
  async function* endless() {
    for (;;) yield text;
  }
  const training = trainInWorker("bpe", endless(), {
    signal: stop.signal,
    onProgress: () => stop.abort(new Error("enough")),
  });
  await expect(training).rejects.toThrow("enough");
  await expect(trainInWorker("bpe", text, { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
});

test("what is wrong with the text, or with the learning of it, is the caller's error", async () => {
  async function* broken(): AsyncGenerator<string> {
    yield "a";
    throw new Error("the disk is gone");
  }
  await expect(trainInWorker("bpe", broken())).rejects.toThrow("the disk is gone");
  await expect(trainInWorker("unigram", "")).rejects.toThrow("the training text is empty");
  await expect(trainInWorker("bpe", "a", { vocabSize: 10 })).rejects.toThrow("vocabSize is 10, but there are");
});

test("an option that means nothing for the kind is refused", async () => {
  await expect(trainInWorker("char", text, { vocabSize: 9 })).rejects.toThrow(
    "a char tokenizer has no option vocabSize; it has specialTokens",
  );
  await expect(trainTokenizer("unigram", text, { minFrequency: 2 })).rejects.toThrow(
    "a unigram tokenizer has no option minFrequency; it has vocabSize, extraSpecialTokens, maxTokenLength, specialTokens",
  );
});
