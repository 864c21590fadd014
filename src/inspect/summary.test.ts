/** What a model costs, against counts by hand. */
import { expect, test } from "vitest";
import { gpt2 } from "../models/index.ts";
import { summarize } from "./index.ts";

const [V, P, C, L, H] = [65, 64, 128, 4, 4];
const nano = gpt2({ vocab_size: V, n_positions: P, n_embd: C, n_layer: L, n_head: H });
const head = "GPT2LMHeadModel";

test("GPT-2's parameters are those of its formula", () => {
  const { parameters, trainable, parts } = summarize(nano, head);
  expect(parameters).toBe(V * C + P * C + L * (12 * C * C + 13 * C) + 2 * C);
  expect(trainable).toBe(parameters);
  expect(parts.reduce((n, part) => n + part.parameters, 0)).toBe(parameters);
  expect(parts[0]).toEqual({ name: "transformer.wte.weight", shape: [V, C], parameters: V * C });
});

test("a forward pass of GPT-2 takes the operations of its matrix products", () => {
  const T = 32;
  const products = L * (2 * T * C * (3 * C + C + 8 * C) + 2 * 2 * T * T * C) + 2 * T * C * V;
  expect(summarize(nano, head, { time: T }).flops.inference).toBe(products);
});

test("a training step takes about three times a forward pass", () => {
  const { flops } = summarize(nano, head, { batch: 1 });
  expect(flops.training / flops.inference).toBeGreaterThan(2.9);
  expect(flops.training / flops.inference).toBeLessThan(3.2);
});

test("operations and activations of training grow with the batch, parameters do not", () => {
  const [one, eight] = [1, 8].map((batch) => summarize(nano, head, { batch }));
  expect(eight!.flops.training / one!.flops.training).toBeCloseTo(8, 0);
  expect(eight!.memory.activations).toBeGreaterThan(6 * one!.memory.activations);
  expect(eight!.memory.parameters).toBe(one!.memory.parameters);
  expect(eight!.flops.inference).toBe(one!.flops.inference);
});

test("training's memory is the sum of its parts, and Adam's is twice the parameters", () => {
  const { memory, parameters } = summarize(nano, head);
  expect(memory.parameters).toBe(4 * parameters);
  expect(memory.optimizer).toBe(8 * parameters);
  expect(memory.training).toBe(memory.parameters + memory.gradients + memory.optimizer + memory.activations);
  expect(summarize(nano, head, { slots: 0 }).memory.optimizer).toBe(0);
});

test("more positions than the model has are refused", () => {
  expect(() => summarize(nano, head, { time: 65 })).toThrow("gpt2: 65 positions > 64, the most it can take");
});
