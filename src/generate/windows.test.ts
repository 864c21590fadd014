/** Layers that see a window of the keys keep no more than it: not a number changes, and memory stops growing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loudWeights } from "../../test/contract/subjects.ts";
import { architectureOf, build } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import type { Value } from "../tensor/dtype.ts";
import { generateAll, openDecoder } from "./index.ts";
import { openMemory } from "./memory.ts";

const windowed = {
  mistral: "MistralForCausalLM",
  gemma2: "Gemma2ForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  gpt3: "GPT3LMHeadModel",
};

describe.each(Object.entries(windowed))("%s", (type, headName) => {
  const architecture = architectureOf(type);
  const spec = architecture({ ...architecture.tiny, max_position_embeddings: 64 });
  const model = build(spec, headName);
  const weights = loudWeights(namedParams(model));
  const open = (cache: boolean) => openDecoder(model, spec, weights, { threads: 1, cache });

  test("rows of any lengths, moved as a search moves them, are read as if nothing had been let go", async () => {
    await using kept = await open(false);
    await using windows = await open(true);
    const prompts = fc.array(fc.array(fc.nat(22), { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 3 });
    const moves = fc.array(fc.tuple(fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }), fc.nat(22)), {
      maxLength: 9,
    });
    await fc.assert(
      fc.asyncProperty(prompts, moves, async (prompts, moves) => {
        const [a, b] = [await windows.begin(prompts), await kept.begin(prompts)];
        let count = prompts.length;
        for (const [picks, token] of moves) {
          const rows = picks.map((pick) => pick % count);
          count = rows.length;
          for (const decoding of [a, b]) {
            decoding.reorder(rows);
            await decoding.step(rows.map((_, i) => (token + i) % 23));
          }
          const apart = a.logits.map((x, i) => Math.abs(x - b.logits[i]!));
          expect(Math.max(...apart)).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 15 },
    );
  });

  test("a search finds the same texts", async () => {
    await using kept = await open(false);
    await using windows = await open(true);
    const settings = { numBeams: 3, maxNewTokens: 8 };
    const prompts = [
      [3, 1, 4, 1, 5],
      [9, 2],
    ];
    expect(await generateAll(windows, prompts, settings)).toEqual(await generateAll(kept, prompts, settings));
  });
});

test("a window's memory stops growing; what has no window goes on", () => {
  const memory = openMemory(
    {
      near: { kind: "growing", shape: ["batch", 2, "past", 4], window: 5 },
      all: { kind: "growing", shape: ["batch", 2, "past", 4] },
    },
    3,
  );
  const token = (x: number): Value<"float32"> => ({
    dtype: "float32",
    dims: [3, 1, 2, 4],
    data: new Float32Array(24).fill(x),
  });
  let most = 0;
  for (let t = 0; t < 100; t++) {
    memory.take({ "fresh.near": token(t), "fresh.all": token(t) });
    most = Math.max(most, memory.feeds()["past.near"]!.dims[0]!);
  }
  const feeds = memory.feeds();
  expect([feeds["slots4"]!.dims, feeds["slots"]!.dims, feeds["past.all"]!.dims[0]]).toEqual([[3, 4], [3, 100], 300]);
  expect(most).toBeLessThanOrEqual(2 * 3 * 5);
  const slots = Array.from(feeds["slots4"]!.data as BigInt64Array, Number);
  const numbers = slots.map((slot) => (feeds["past.near"]!.data as Float32Array)[8 * slot]);
  expect(numbers).toEqual([96, 97, 98, 99, 96, 97, 98, 99, 96, 97, 98, 99]);
});
