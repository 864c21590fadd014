import { expect, test } from "vitest";
import { build, gpt2 } from "../models/index.ts";
import { linear } from "../nn/index.ts";
import { checkMemory, machineMemory } from "./memory.ts";

test("a model that fits is left alone", () => {
  checkMemory("small", linear(10, 10));
  checkMemory("exact", linear(10, 10), { bytes: 440 });
});

test("one that does not is told with its numbers, before any of them exist", () => {
  const model = build(gpt2({ n_embd: 2 ** 20, n_head: 1, n_layer: 96 }), "GPT2LMHeadModel");
  expect(() => checkMemory("gpt2", model, { bytes: 16e9 })).toThrow(
    "gpt2: 1,266,692,477,943,808 parameters need 5.07 PB of memory, but there are 16 GB; choose smaller sizes",
  );
  expect(() => checkMemory("linear", linear(10, 10), { copies: 4, bytes: 1000 })).toThrow(
    "linear: 110 parameters need 1.76 kB of memory, but there are 1 kB; choose smaller sizes",
  );
});

test("a machine has some memory", () => {
  expect(machineMemory()).toBeGreaterThan(2 ** 28);
  expect(machineMemory()).toBeLessThan(2 ** 50);
});
