import { describe, expect, test } from "vitest";
import { loudWeights } from "../test/contract/subjects.ts";
import { messageOf, newFolder } from "../test/tiny-folder.ts";
import { saveFolder } from "./hub/index.ts";
import { type LoadedModel, load } from "./load.ts";
import { architectureOf, build } from "./models/index.ts";
import { namedParams } from "./nn/index.ts";

async function tiny(modelType: string, headName: string): Promise<LoadedModel> {
  const architecture = architectureOf(modelType);
  const spec = architecture(architecture.tiny);
  const folder = newFolder();
  saveFolder(folder, { spec, headName, weights: loudWeights(namedParams(build(spec, headName))) });
  return load(folder, { threads: 1 });
}
const bert = await tiny("bert", "BertForMaskedLM");

describe("inputs that no table has are told by their place", () => {
  const ids = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const seventeen = Array(17).fill(1);
  test.each<[what: string, inputs: Record<string, unknown>, message: string]>([
    [
      "an id outside the vocabulary",
      {
        input_ids: [
          [1, 2],
          [3, 23],
        ],
      },
      "run: input_ids has 23 at row 1, position 1; ids are 0 to 22; is this the model's own tokenizer?",
    ],
    ["a negative id", { input_ids: [[-1]] }, "run: input_ids has -1 at row 0, position 0; ids are 0 to 22"],
    [
      "a row longer than the positions",
      { input_ids: [seventeen] },
      "run: input_ids has rows of 17 ids, and the model has 16 positions; cut longer texts, or read them in pieces",
    ],
    [
      "a position that there is not",
      { input_ids: [[1, 2]], position_ids: [[0, 16]] },
      "run: position_ids has 16 at row 0, position 1; positions are 0 to 15",
    ],
    [
      "a third kind of token",
      {
        input_ids: ids,
        token_type_ids: [
          [0, 1, 1],
          [0, 2, 0],
        ],
      },
      "run: token_type_ids has 2 at row 1, position 1; token types are 0 to 1",
    ],
    [
      "a mask of other numbers",
      {
        input_ids: ids,
        attention_mask: [
          [1, 1, 1],
          [1, 1, 3],
        ],
      },
      "run: attention_mask has 3 at row 1, position 2; its numbers are 0 to 1",
    ],
    ["an empty batch", { input_ids: [] }, "run: input_ids is [0]: there is nothing to read"],
    ["an empty row", { input_ids: [[]] }, "run: input_ids is [1, 0]: there is nothing to read"],
    [
      "an empty row among others",
      { input_ids: [[1, 2], []] },
      "run: input_ids: rows of different lengths: 2 ≠ 0; pad them and give an attention_mask",
    ],
    ["ids without a batch", { input_ids: [1, 2] }, "run: input_ids is [2], but must be [batch, time]"],
    [
      "a name that the head has not",
      { input_ids: ids, token_types: ids },
      'run: there is no input "token_types"; did you mean "token_type_ids"?',
    ],
    ["no ids at all", {}, "run: input_ids is missing; there are input_ids, "],
    [
      "a label outside the vocabulary",
      {
        input_ids: ids,
        labels: [
          [1, -100, 3],
          [4, 5, 23],
        ],
      },
      "run: labels has 23 at row 1, position 2; labels are 0 to 22, or -100",
    ],
  ])("%s", async (_, inputs, message) => {
    await expect(bert.run(inputs as never)).rejects.toThrow(message);
  });

  test("a mask of another length", async () => {
    await expect(
      bert.run({
        input_ids: ids,
        attention_mask: [
          [1, 1],
          [1, 1],
        ],
      }),
    ).rejects.toThrow(/time.*3.*2|2.*3/);
  });
});

test("a class that the head has not is told by its row", async () => {
  await using classifier = await tiny("bert", "BertForSequenceClassification");
  await expect(classifier.run({ input_ids: [[1], [2]], labels: [0, 7] })).rejects.toThrow(
    /^run: labels has 7 at row 1; labels are 0 to \d, or -100$/,
  );
});

test("where a mask hides everything, all tokens weigh the same, and nothing else of the batch changes", async () => {
  const alone = await bert.run({ input_ids: [[1, 2, 3]] });
  const both = await bert.run(
    {
      input_ids: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      attention_mask: [
        [1, 1, 1],
        [0, 0, 0],
      ],
    },
    { outputAttentions: true },
  );
  const logits = both.logits.data as Float32Array;
  expect(logits.every(Number.isFinite)).toBe(true);
  alone.logits.toArray();
  (alone.logits.data as Float32Array).forEach((x, i) => {
    expect(logits[i]).toBeCloseTo(x, 5);
  });
  const weights = both["attentions.0"]!;
  const second = weights.data.length / 2;
  for (let i = second; i < weights.data.length; i++) expect(Number(weights.data[i])).toBeCloseTo(1 / 3, 6);
});

test("RoBERTa's rows are shorter than its positions by those before the first token's", async () => {
  await using roberta = await tiny("roberta", "RobertaForMaskedLM");
  await expect(roberta.run({ input_ids: [Array(15).fill(3)] })).rejects.toThrow(
    "run: input_ids has rows of 15 ids, and the model has 14 positions",
  );
  expect((await roberta.run({ input_ids: [Array(14).fill(3)] })).logits.dims).toEqual([1, 14, 23]);
});

test("an unknown model type is told with the nearest", () => {
  expect(messageOf(() => architectureOf("robertta"))).toMatch(
    /^model: there is no type "robertta"; did you mean "roberta"\? Known: .*, seq2seq; choose a checkpoint of one of them, or describe the network yourself with customModel$/,
  );
});
