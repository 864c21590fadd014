import { expect, test } from "vitest";
import { checkXml } from "../../test/well-formed.ts";
import { bert, gpt2, lstm, seq2seq, sequenceRegressor } from "../models/index.ts";
import { stepCostSvg } from "./figures/step-cost.ts";
import { stepCosts } from "./step-cost.ts";

const small = lstm({ vocab_size: 7, embedding_size: 4, hidden_size: 8, num_layers: 1 });

test("a step is timed for each length and number of threads", async () => {
  const costs = await stepCosts(small, "LstmForCausalLM", { lengths: [4, 8, 16], threads: [1, 2], runs: 1, batch: 2 });
  expect(costs.map(({ time }) => time)).toEqual([4, 8, 16]);
  for (const { ms } of costs) {
    expect(ms).toHaveLength(2);
    for (const each of ms) expect(each).toBeGreaterThan(0);
  }
});

test("a recurrent step's memory and waiting grow with the length; a Transformer's waiting does not", async () => {
  const lengths = { lengths: [8, 16, 32], runs: 1, batch: 2 };
  const recurrent = await stepCosts(small, "LstmForCausalLM", lengths);
  expect(recurrent.map(({ inARow }, i) => inARow - recurrent[0]!.inARow - 2 * (8 * 2 ** i - 8))).toEqual([0, 0, 0]);
  const grown = recurrent[2]!.activations / recurrent[1]!.activations;
  expect(grown).toBeGreaterThan(1.8);
  expect(grown).toBeLessThan(2.2);
  const other = gpt2({ vocab_size: 7, n_positions: 32, n_embd: 8, n_head: 2, n_layer: 1 });
  const transformer = await stepCosts(other, "GPT2LMHeadModel", lengths);
  expect(new Set(transformer.map(({ inARow }) => inARow)).size).toBe(1);
});

test("models that read a source, and those that read both ways, have a step too", async () => {
  const once = { lengths: [4, 8], runs: 1, batch: 2 };
  const translator = seq2seq({ source_vocab_size: 9, target_vocab_size: 7, embedding_size: 4, hidden_size: 8 });
  const [short, long] = await stepCosts(translator, "Seq2seqForConditionalGeneration", once);
  expect(long!.inARow).toBeGreaterThan(short!.inARow);
  const [a, b] = await stepCosts(bert(bert.tiny), "BertForMaskedLM", once);
  expect(b!.inARow).toBe(a!.inARow);
});

test("the lengths are those that the model can take, unless told", async () => {
  const of = async (n_positions: number) => {
    const spec = gpt2({ vocab_size: 7, n_positions, n_embd: 4, n_head: 1, n_layer: 1 });
    return (await stepCosts(spec, "GPT2LMHeadModel", { runs: 1, batch: 1 })).map(({ time }) => time);
  };
  expect(await of(40)).toEqual([16, 32]);
  expect(await of(6)).toEqual([6]);
});

test("a length that cannot be, and a head that does not score every token, are refused", async () => {
  const positions = gpt2({ vocab_size: 7, n_positions: 16, n_embd: 4, n_head: 1, n_layer: 1 });
  await expect(stepCosts(positions, "GPT2LMHeadModel", { lengths: [8, 17] })).rejects.toThrow(
    "step cost: gpt2: 17 positions > 16, the most it can take",
  );
  for (const length of [1, 2.5])
    await expect(stepCosts(small, "LstmForCausalLM", { lengths: [length] })).rejects.toThrow(
      `step cost: a length must be a whole number ≥ 2, got ${length}`,
    );
  await expect(stepCosts(sequenceRegressor(), "SequenceRegressor")).rejects.toThrow(
    "step cost: sequence-regressor: SequenceRegressor does not score every token of a row; take a model of language or translation",
  );
});

test("its figure has a panel for time, memory and waiting, and says all numbers in words", () => {
  const cost = (time: number, ms: readonly number[], inARow: number) => ({ time, ms, activations: 1e6 * time, inARow });
  const svg = stepCostSvg(
    [
      { name: "lstm", costs: [cost(16, [4, 3], 36), cost(32, [8, 6], 68)] },
      { name: "gpt2", costs: [cost(16, [5, 2.5], 20), cost(32, [10, 5], 20)] },
    ],
    [1, 2],
  );
  checkXml(svg);
  expect(svg.match(/<clipPath/g)).toHaveLength(3);
  for (const words of ["lstm", "gpt2", "lstm, 1 thread", "gpt2, 1 thread", "milliseconds of a step, 2 threads"])
    expect(svg).toContain(`>${words}<`);
  expect(svg).toContain(
    "lstm: 16 tokens 4.0 ms with 1 thread, 3.0 ms with 2 threads, 16.0 MB, 36 products in a row; 32 tokens",
  );
  expect(svg.match(/class="dot/g)).toHaveLength(3 * 2 * 2); // not on the pale lines
});
