import { expect, expectTypeOf, test } from "vitest";
import { countParams, namedParams } from "../nn/index.ts";
import { architectureOf, build, gpt2, type ModelSpec, meant, nearest, sized } from "./index.ts";

const head = "GPT2LMHeadModel";

test("a configuration is typed by its own fields, and is any model's", () => {
  const spec = gpt2({ n_layer: 3 });
  expectTypeOf(spec).toExtend<ModelSpec>();
  expectTypeOf(spec.config.n_layer).toEqualTypeOf<number>();
  expectTypeOf(spec.config.n_inner).toEqualTypeOf<number | null>();
  // @ts-expect-error: a number of layers is a number
  expect(() => gpt2({ n_layer: "3" })).toThrow('gpt2: "n_layer" is "3", but must be a whole number from 1 to 10000');
});

test("GPT-2 as published has 124,439,808 parameters, and its residual projections start smaller", () => {
  const model = build(gpt2(), head);
  expect(countParams(model)).toBe(124_439_808);
  const std = (name: string) => namedParams(model).get(`transformer.h.5.${name}.weight`)!.init;
  expect(std("mlp.c_fc")).toMatchObject({ kind: "normal", std: 0.02 });
  expect(std("mlp.c_proj")).toMatchObject({ kind: "normal", std: 0.02 / Math.sqrt(24) });
});

test("an unknown head is told with those there are", () => {
  expect(() => build(gpt2(gpt2.tiny), "GPT2ForMindReading")).toThrow(
    'gpt2: there is no head "GPT2ForMindReading"; there are GPT2LMHeadModel',
  );
  expect(() => build(gpt2(gpt2.tiny), "constructor")).toThrow('gpt2: there is no head "constructor"');
});

test("an unknown model type is told with the nearest, however long it is", () => {
  expect(() => architectureOf("gpt-2")).toThrow(
    'model: there is no type "gpt-2"; did you mean "gpt2"? Known: openai-gpt, gpt2,',
  );
  expect(() => architectureOf("ngram")).toThrow("model: an n-gram model is counted and has no network; train --model");
  expect(() => architectureOf("\n".repeat(1e6))).toThrow(/^model: there is no type "(\\n){80}…"; did you mean/);
});

test("the nearest name is the one with the fewest edits", () => {
  expect(nearest("lernrate", ["batchSize", "learningRate", "lengths"])).toBe("learningRate");
  expect(nearest("GPT2", ["bert", "gpt2"])).toBe("gpt2");
  expect(nearest("anything", [])).toBeUndefined();
  expect(meant("n_layr", ["n_layer", "n_head"])).toBe("n_layer");
  expect(meant("intermediate_size", ["vocab_size", "n_inner"])).toBeUndefined();
});

test("a model is sized for what is asked of it, where its configuration did not say", () => {
  const needs = { vocabulary: 50, positions: 20 };
  expect(sized(gpt2({ n_layer: 1 }), needs).config).toMatchObject({ n_layer: 1, vocab_size: 50, n_positions: 20 });
  expect(sized(gpt2({ vocab_size: 64, max_position_embeddings: 32 }), needs).config).toMatchObject({
    vocab_size: 64,
    n_positions: 32,
  });
  expect(() => sized(gpt2({ vocab_size: 40 }), needs)).toThrow(
    "gpt2: vocab_size is 40, but the tokenizer has 50 tokens",
  );
  expect(() => sized(gpt2({ n_ctx: 16 }), needs)).toThrow(
    "gpt2: n_positions is 16, but rows of 20 tokens are asked for; make the block smaller",
  );
});
