import { expect, test } from "vitest";
import { namedParams } from "../nn/index.ts";
import { build, sized } from "./architecture.ts";
import { seq2seq } from "./seq2seq.ts";

const head = "Seq2seqForConditionalGeneration";
const small = { source_vocab_size: 9, target_vocab_size: 7, embedding_size: 4, hidden_size: 6 };
const shapes = (config: object) =>
  Object.fromEntries(
    [...namedParams(build(seq2seq({ ...small, ...config }), head))].map(([name, { shape }]) => [name, shape]),
  );

test("what a step of the decoder reads is the token, and with a context before it that too", () => {
  expect(shapes({})["decoder.cells.0.weight_ih"]).toEqual([18, 10]);
  expect(shapes({ attention: "none", context_every_step: true })["decoder.cells.0.weight_ih"]).toEqual([18, 10]);
  expect(shapes({ attention: "none" })["decoder.cells.0.weight_ih"]).toEqual([18, 4]);
  expect(shapes({ attention: "dot" })["decoder.cells.0.weight_ih"]).toEqual([18, 10]);
  expect(shapes({ attention: "dot", input_feeding: false })["decoder.cells.0.weight_ih"]).toEqual([18, 4]);
  expect(shapes({ cell: "lstm", num_layers: 2 })["decoder.cells.1.weight_ih"]).toEqual([24, 6]);
});

test("the vocabulary is read by all that a step knows, or by a layer between", () => {
  expect(shapes({})["lm_head.weight"]).toEqual([7, 6 + 6 + 4]);
  expect(shapes({ attention: "general" })["lm_head.weight"]).toEqual([7, 6]);
  expect(shapes({ readout_size: 3 })).toMatchObject({ "readout.weight": [3, 16], "lm_head.weight": [7, 3] });
});

test("both vocabularies are the data's, and one that is too small is told with its size", () => {
  const needs = { vocabulary: 30, sourceVocabulary: 40, positions: 10, config: { pad_token_id: 5 } };
  expect(sized(seq2seq(), needs).config).toMatchObject({
    target_vocab_size: 30,
    source_vocab_size: 40,
    pad_token_id: 5,
  });
  expect(() => sized(seq2seq({ source_vocab_size: 39 }), needs)).toThrow(
    "seq2seq: source_vocab_size is 39, but the tokenizer has 40 tokens",
  );
  expect(seq2seq({ vocab_size: 11 }).config.target_vocab_size).toBe(11);
});

test.each([
  [
    { hidden_size: 7 },
    "hidden_size 7 is odd, but each direction of the encoder has half of it; set bidirectional=false",
  ],
  [{ cell: "qrnn" }, '"cell" is "qrnn", but must be one of rnn, lstm, gru'],
  [
    { attention: "luong" },
    '"attention" is "luong", but must be one of none, additive, dot, general, concat, scaled-dot, local-p',
  ],
])("%o is refused", (config, says) => {
  expect(() => seq2seq(config as never)).toThrow(`seq2seq: ${says}`);
});
