import { expect, test } from "vitest";
import { totalOf } from "../inspect/index.ts";
import { gpt2 } from "../models/index.ts";
import { languageModeling, type TextData } from "../tasks/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import { profile, type TrainOptions } from "./index.ts";

const text = "abcdefgh".repeat(60);
const options = (more: Partial<TrainOptions<TextData>> = {}): TrainOptions<TextData> => ({
  model: gpt2({ n_layer: 2, n_head: 2, n_embd: 64 }),
  tokenizer: charTokenizer(text),
  task: languageModeling({ blockSize: 8 }),
  data: { train: text },
  threads: 1,
  training: { batchSize: 4, maxSteps: 5 },
  ...more,
});

test("a step's time is told by layer: forwards, backwards, and the update of every parameter", async () => {
  const { layers, ms, operators, peak, steps } = await profile(options(), { steps: 3 });
  const paths = layers.map(({ path }) => path);
  for (const path of ["transformer.wte", "transformer.h.0.attn.c_attn", "transformer.h.1.mlp", "transformer.ln_f"])
    expect(paths).toContain(path);
  const product = layers.find(({ path }) => path === "transformer.h.1.mlp.c_fc")!;
  expect(product.parameters).toBe(64 * 256 + 256);
  for (const each of Object.values(product.ms)) expect(each).toBeGreaterThan(0);
  expect(totalOf(ms)).toBeCloseTo(
    layers.reduce((sum, layer) => sum + totalOf(layer.ms), 0),
    6,
  );
  expect(operators.length).toBeGreaterThan(5);
  expect(peak).toBeGreaterThan(1000);
  expect(steps).toBe(3);
});

test("in int8 the products are of int8", async () => {
  const { operators } = await profile(options({ training: { batchSize: 4, precision: "int8" } }), { steps: 1 });
  expect(operators.some(({ op }) => /MatMulIntegerToFloat|DynamicQuantizeMatMul/.test(op))).toBe(true);
});

test("another device is refused", async () => {
  await expect(profile(options({ device: "wasm" }))).rejects.toThrow(
    "profile: only the device cpu tells its nodes' times, not wasm",
  );
});
