import { expect, test } from "vitest";
import { type ComparedModel, compareModels } from "./compare-models.ts";

const sizes = {
  ...{ hidden_size: 12, num_hidden_layers: 4, num_attention_heads: 3, intermediate_size: 24, hidden_dim: 24 },
  ...{ vocab_size: 50, max_position_embeddings: 130, embedding_size: 12, pad_token_id: 1 },
};

test("architectures of one size are told apart by parts, costs, speed and objective", async () => {
  const found: ComparedModel[] = [];
  let printed = "";
  await compareModels(
    ["bert", "albert", "distilbert", "gpt2"],
    {
      signal: new AbortController().signal,
      result: (one) => void found.push(one as ComparedModel),
      print: (text) => {
        printed += text;
      },
      threads: 1,
    },
    sizes,
  );
  const [bert, albert, distilbert, gpt2] = found as [ComparedModel, ComparedModel, ComparedModel, ComparedModel];
  expect(found.map(({ objective }) => objective)).toEqual([
    "masked-language-modeling, pretraining",
    "masked-language-modeling, sentence-order-pretraining",
    "masked-language-modeling",
    "language-modeling",
  ]);
  expect(bert.parts["attention"]).toBe(4 * albert.parts["attention"]!); // one layer for all
  expect(bert.parts["feed-forward"]).toBe(4 * (2 * 12 * 24 + 36));
  expect(distilbert.parts["attention"]).toBe(bert.parts["attention"]);
  expect(gpt2.parts["attention"]).toBe(bert.parts["attention"]);
  for (const { parameters, parts, memory, flops, tokens_per_second } of found) {
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(parameters);
    for (const number of [memory, flops, tokens_per_second]) expect(number).toBeGreaterThan(0);
  }
  expect(printed).toContain("objective");
  expect(printed).toContain("█");
});

test("an unknown type is told with the nearest", async () => {
  const context = { signal: new AbortController().signal, result: () => {}, print: () => {}, threads: 1 };
  await expect(compareModels(["brt"], context)).rejects.toThrow('there is no type "brt"; did you mean "bert"?');
});
