import { expect, test } from "vitest";
import { build, seq2seq } from "../models/index.ts";
import { fillInitial, namedParams } from "../nn/index.ts";
import { keyOf } from "../random.ts";
import { compile } from "../runtime/compile.ts";
import { count, type Value } from "../tensor/dtype.ts";
import { input, trace } from "../tensor/index.ts";
import { byteTokenizer, type Tokenizer, wordTokenizer } from "../tokenizers/index.ts";
import type { Batch, Dataset } from "./task.ts";
import type { PairData } from "./text-pairs.ts";
import { type TranslationOptions, translation } from "./translation.ts";

const SPECIAL = { unk: "<unk>", pad: "<pad>", bos: "<s>", eos: "</s>" };
const [DE, EN] = [
  ["ein Hund", "eine Katze schläft", "der Hund schläft", "die Katze sieht den Hund", "ein Mann", "der Mann sieht"],
  ["a dog", "a cat sleeps", "the dog sleeps", "the cat sees the dog", "a man", "the man sees"],
];
const words = (texts: readonly string[]) => wordTokenizer(texts.join(" "), { specialTokens: SPECIAL });
const [de, en] = [words(DE), words(EN)];
const data: PairData = {
  train: { source: DE, target: EN },
  validation: { source: DE.slice(0, 3), target: EN.slice(0, 3) },
};
const open = (options: TranslationOptions = {}, given: PairData = data, source: Tokenizer = de): Promise<Dataset> =>
  translation({ targetTokenizer: en, ...options }).open(given, source, { batchSize: 2, seed: 1 });
const ids = (value: Value | undefined) => Array.from(value!.data as BigInt64Array, Number);
const at = async (dataset: Dataset, step: number): Promise<Batch> => (await dataset.batches(step, 1))[0]!;

test("a batch holds the source with its end, its mask, and the target with its end and −100 behind it", async () => {
  const batch = await at(await open(), 1);
  const [B, S] = batch["input_ids"]!.dims as [number, number];
  const [, T] = batch["labels"]!.dims as [number, number];
  for (let row = 0; row < B; row++) {
    const mask = ids(batch["attention_mask"]).slice(row * S, (row + 1) * S);
    const source = ids(batch["input_ids"]).slice(row * S, row * S + mask.filter((m) => m === 1).length);
    const target = ids(batch["labels"])
      .slice(row * T, (row + 1) * T)
      .filter((id) => id >= 0);
    expect([source.at(-1), target.at(-1)]).toEqual([de.tokenToId("</s>"), en.tokenToId("</s>")]);
    const read = de.decode(source, { skipSpecialTokens: true });
    expect(en.decode(target, { skipSpecialTokens: true })).toBe(EN[DE.indexOf(read)]);
  }
});

test("batches depend on the seed and the step alone, and a pass has each pair once", async () => {
  const [one, other] = [await open(), await open()];
  expect(await at(one, 7)).toEqual(await at(other, 7));
  expect(await at(one, 2)).toEqual(await at(other, 2));
  const starts = [];
  for (let step = 1; step <= 3; step++) starts.push(...ids((await at(one, step))["labels"]));
  const known = EN.flatMap((text) => [...en.encodeIds(text), en.tokenToId("</s>")!]);
  expect(starts.filter((id) => id >= 0).toSorted()).toEqual(known.toSorted());
});

test("held-out labels are counted, and an exam asks for some of the texts, or for all", async () => {
  const dataset = await open();
  const batches = [...(dataset.validation!() as Iterable<{ count: number }>)];
  expect(batches.reduce((sum, batch) => sum + batch.count, 0)).toBe(3 + 4 + 4);
  expect(dataset.exam!(2).inputs).toEqual([DE[0], DE[1]]);
  const exam = dataset.exam!();
  expect(exam.inputs).toEqual(DE.slice(0, 3));
  expect(exam.sources.map(({ input_ids }) => input_ids!.dims)).toEqual([[3, 4]]);
  expect(exam.score(EN.slice(0, 3))).toMatchObject({ exact_match: 100, ter: 0 });
  expect(exam.text([...en.encodeIds("a dog"), 3, 1, 1])).toBe("a dog");
  expect(exam.writing).toEqual({
    start: [en.tokenToId("<s>")],
    eosTokenId: en.tokenToId("</s>"),
    padTokenId: en.tokenToId("<pad>"),
    maxNewTokens: 128,
    suppressTokens: [en.tokenToId("<unk>")],
  });
});

test("a part held out is drawn by chance, the same for every seed, and trained on by none", async () => {
  const part: PairData = { train: data.train, validation: 0.34 };
  const inputs = await Promise.all(
    [1, 2].map(async (seed) => {
      const dataset = await translation({ targetTokenizer: en }).open(part, de, { batchSize: 2, seed });
      return [dataset.trainExamples, dataset.exam!().inputs];
    }),
  );
  expect(inputs[0]).toEqual(inputs[1]);
  expect(inputs[0]![0]).toBe(4);
  await expect(open({}, { ...part, validation: 0.01 })).rejects.toThrow(
    "validation: 0.01 of 6 pairs are 0; both parts need one",
  );
});

test("long pairs are counted and left out of training, never cut; held-out ones stay", async () => {
  const dataset = await open({ maxLength: 3 }, { train: data.train, validation: data.train });
  expect(dataset.trainExamples).toBe(2);
  expect(dataset.warnings).toEqual([
    "train: 4 of 6 pairs have more than 3 tokens on a side and are left out; the longest has 6: --max-length 6 would keep all",
  ]);
  expect(dataset.exam!().inputs).toEqual(DE);
  await expect(open({ maxLength: 2 })).rejects.toThrow(
    "train: none of 6 pairs has at most 2 tokens on both sides; the longest has 6: give --max-length 6",
  );
});

test("a vocabulary that knows under half of the tokens is told with the number", async () => {
  const poor = wordTokenizer("ein Hund der", { specialTokens: SPECIAL });
  const { warnings } = await open({}, data, poor);
  expect(warnings).toEqual([
    "source: the vocabulary knows 38.9 % of the 18 tokens; the others are all one to the model: use a larger vocabulary, or a tokenizer of these texts",
  ]);
});

test("what was left out of files is told, too", async () => {
  const { warnings } = await open({}, { train: { ...data.train, warnings: ["1 of 7 pairs …"] } });
  expect(warnings).toEqual(["train: 1 of 7 pairs …"]);
  const held = await open({}, { train: { ...data.train, warnings: ["1 of 7 pairs …"] }, validation: 1 });
  expect(held.warnings).toEqual(["validation: 1 of 7 pairs …"]);
});

test("a tokenizer without an end cannot read pairs", async () => {
  await expect(open({}, data, byteTokenizer())).rejects.toThrow(
    'text pairs: the tokenizer has no eos token, and pairs need one; train a word tokenizer, or name it in tokenizer_config.json as "eos_token"',
  );
});

test.each<[TranslationOptions, string]>([
  [{ maxLength: 1 }, "translation: maxLength is 1, but must be a whole number ≥ 2"],
  [{ labelSmoothing: 1 }, "translation: labelSmoothing is 1, but must be a number in [0, 1)"],
])("%o is refused", (options, says) => {
  expect(() => translation(options)).toThrow(says);
});

/** Training and evaluation losses of a tiny model on one batch; dropout is off. */
async function losses(options: TranslationOptions, { share, seeds = [1] }: { share?: number; seeds?: number[] } = {}) {
  const task = translation({ targetTokenizer: en, ...options });
  const model = build(
    seq2seq({
      source_vocab_size: de.vocabSize,
      target_vocab_size: en.vocabSize,
      embedding_size: 6,
      hidden_size: 8,
      dropout: 0,
    }),
    "Seq2seqForConditionalGeneration",
  );
  const params = namedParams(model);
  const weights = Object.fromEntries(
    [...params].map(([name, { shape, init }]) => {
      const data = new Float32Array(count(shape));
      fillInitial(data, init, keyOf(1, name));
      return [name, { dtype: "float32", dims: shape, data: data.map((x) => 5 * x) } as const];
    }),
  );
  const inputs = Object.fromEntries(
    Object.entries(task.batch).map(([name, { shape, dtype }]) => [name, input(shape, dtype)]),
  );
  const loss = trace(() => task.loss(model, inputs)).result;
  const held = trace(() => task.evaluationLoss!(model, inputs)).result;
  const batch = await at(await task.open(data, de, { batchSize: 6, seed: 1 }), 3);
  const fed =
    share === undefined
      ? batch
      : { ...batch, teacher_forcing: { dtype: "float32", dims: [], data: Float32Array.of(share) } };
  await using program = await compile({ params: Object.fromEntries(params), inputs }, { loss, held }, { threads: 1 });
  const told: { loss: number; held: number }[] = [];
  for (const seed of seeds) {
    const { loss, held } = await program({ params: weights, inputs: fed } as never, { seed });
    told.push({ loss: Number(loss.data[0]), held: Number(held.data[0]) });
  }
  return { told, share: batch["teacher_forcing"]?.data[0] };
}

test("label smoothing changes what is trained, not what is told of held-out data", async () => {
  const [plain] = (await losses({})).told;
  const [smooth] = (await losses({ labelSmoothing: 0.2 })).told;
  expect(plain!.loss).toBeCloseTo(plain!.held, 6);
  expect(smooth!.held).toBeCloseTo(plain!.held, 6);
  expect(Math.abs(smooth!.loss - plain!.loss)).toBeGreaterThan(0.01);
});

test.each<[string, TranslationOptions]>([
  ["a share of the rows", { teacherForcing: 0.5 }],
  ["scheduled sampling", { teacherForcing: { schedule: "linear", k: 10 } }],
])(
  "%s: with all true tokens it is teacher forcing; with none the model reads its own, and chance decides between",
  async (_, options) => {
    const [none] = (await losses(options, { share: 0 })).told;
    const [all] = (await losses(options, { share: 1 })).told;
    expect(all!.loss).toBeCloseTo(all!.held, 5);
    expect(none!.held).toBeCloseTo(all!.held, 6);
    expect(Math.abs(none!.loss - all!.loss)).toBeGreaterThan(1e-3);
    const some = await losses(options, { share: 0.5, seeds: [0, 1, 2, 3, 3] });
    const drawn = some.told.map(({ loss }) => loss);
    expect(new Set(drawn).size).toBeGreaterThan(1);
    expect(drawn[3]).toBe(drawn[4]);
    expect(some.share).toBeCloseTo(options.teacherForcing === 0.5 ? 0.5 : 0.7);
  },
);
