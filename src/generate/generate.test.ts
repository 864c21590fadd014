import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { only, scripted, tinyGpt2 } from "../../test/tiny-decoder.ts";
import { openSafetensors } from "../formats/index.ts";
import { openFolder } from "../hub/index.ts";
import { count } from "../tensor/dtype.ts";
import { type GenerateOptions, generateAll, generateTokens, openDecoder } from "./index.ts";

const { model, spec, weights } = tinyGpt2({ n_positions: 64 });
const open = (options = {}) => openDecoder(model, spec, weights, { threads: 1, ...options });
/** Each token is followed by the next id; what follows the last is the first. */
const counting = (vocabulary: number, positions?: number) =>
  scripted({
    vocabulary,
    logits: (ids) => only(vocabulary, (ids.at(-1)! + 1) % vocabulary),
    ...(positions && { positions }),
  });

async function tokensOf(...given: Parameters<typeof generateTokens>): Promise<number[][]> {
  const steps: number[][] = [];
  for await (const tokens of generateTokens(...given)) steps.push(tokens);
  return steps;
}

describe("greedy decoding equals the reference", () => {
  for (const name of ["../shared/golden/gpt2-causal-lm", "test/golden/gpt2-default", "test/golden/gpt2-gelu-untied"])
    test(name, async (context) => {
      const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
      if (!existsSync(path)) return context.skip(`${path} is not here`);
      using folder = openFolder(path);
      using expected = openSafetensors(`${path}/expected.safetensors`);
      const read = (tensor: string) => {
        const { data, shape } = expected.read(tensor);
        return Array.from({ length: shape[0]! }, (_, r) =>
          [...data.slice(r * shape[1]!, (r + 1) * shape[1]!)].map(Number),
        );
      };
      const mask = read("generate.attention_mask");
      const prompts = read("generate.prompt").map((row, r) => row.filter((_, t) => mask[r]![t] === 1));
      const numbers = new Map([...folder.params].map(([name, { shape }]) => [name, new Float32Array(count(shape))]));
      for (const [name, view] of numbers) folder.read(name, view);
      await using decoder = await openDecoder(folder.model, folder.spec, numbers, { threads: 1 });
      const got = await generateAll(decoder, prompts, { defaults: folder.generation, maxNewTokens: 12 });
      expect(got).toEqual(read("generate.greedy"));
    });
});

test("a prompt's text is the same alone and in a batch, greedy or drawn", async () => {
  await using decoder = await open();
  const prompts = [[3], [1, 2, 3, 4, 5], [9, 9], [3]];
  for (const options of [{ doSample: false }, { doSample: true, seed: 5 }]) {
    const together = await tokensOf(decoder, prompts, options);
    for (const [r, prompt] of prompts.entries())
      expect(await tokensOf(decoder, [prompt], options)).toEqual(together.map((tokens) => [tokens[r]]));
  }
});

test("the same seed gives the same tokens on the processor and in WebAssembly, and another seed others", async () => {
  await using native = await open();
  await using wasm = await open({ device: "wasm" });
  const prompts = [[3], [1, 2, 3]];
  const options = { temperature: 1.5, topK: 20, topP: 0.95, seed: 7, maxNewTokens: 40 };
  const got = await tokensOf(native, prompts, options);
  expect(await tokensOf(wasm, prompts, options)).toEqual(got);
  expect(await tokensOf(native, prompts, { ...options, seed: 8 })).not.toEqual(got);
});

test("several rows for a prompt are drawn independently, the first as if it were alone", async () => {
  await using decoder = await open();
  const options = { doSample: true, temperature: 2 };
  const rows = await generateAll(decoder, [[1, 2], [3]], { ...options, numReturnSequences: 3 });
  expect(rows.map((row) => row.slice(0, 2))).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
    [0, 3],
    [0, 3],
    [0, 3],
  ]);
  expect(new Set(rows.map((row) => row.slice(2).join())).size).toBe(6);
  expect(await generateAll(decoder, [[1, 2]], options)).toEqual([rows[0]]);
});

test("each step draws anew", async () => {
  const even = scripted({ vocabulary: 10, logits: () => Array(10).fill(0) });
  const tokens = (await tokensOf(even, [[1]], { doSample: true, maxNewTokens: 200 })).flat();
  const counts = Array.from({ length: 10 }, (_, id) => tokens.filter((token) => token === id).length);
  expect(Math.min(...counts)).toBeGreaterThan(6); // 20 each on average, with standard deviation 4.2
  expect(Math.max(...counts)).toBeLessThan(34);
});

test("rows that have ended are padded until all have, or the longest length is reached", async () => {
  const decoder = counting(10);
  const prompts = [[1, 2], [5], [7, 8]];
  const greedy = (options: GenerateOptions) => generateAll(decoder, prompts, options);
  expect(await greedy({ eosTokenId: 6, padTokenId: 0, maxNewTokens: 3 })).toEqual([
    [1, 2, 3, 4, 5],
    [0, 5, 6, 0, 0],
    [7, 8, 9, 0, 1],
  ]);
  expect(await greedy({ eosTokenId: [4, 7, 9], maxNewTokens: 50 })).toEqual([
    [1, 2, 3, 4],
    [4, 5, 6, 7],
    [7, 8, 9, 4],
  ]);
  expect(await greedy({ eosTokenId: 6, maxNewTokens: 2, minNewTokens: 2 })).toEqual([
    [1, 2, 3, 4],
    [6, 5, 0, 1],
    [7, 8, 9, 0],
  ]);
  expect((await greedy({ maxLength: 7 }))[0]).toHaveLength(7);
  expect((await greedy({}))[0]).toHaveLength(22);
  expect((await greedy({ forcedEosTokenId: 9, maxNewTokens: 3 })).map((row) => row.at(-1))).toEqual([9, 9, 9]);
});

test("a model without a further position ends the text, behind the token that needs none", async () => {
  const decoder = counting(10, 8);
  expect(await tokensOf(decoder, [[1, 2, 3]], { maxNewTokens: 100 })).toHaveLength(6);
  expect(await tokensOf(decoder, [[1, 2, 3, 4, 5, 6, 7, 8]], { maxNewTokens: 100 })).toEqual([[9]]);
  const forced = await tokensOf(decoder, [[1, 2, 3]], { maxNewTokens: 100, forcedEosTokenId: 0 });
  expect(forced.map(([token]) => token)).toEqual([4, 5, 6, 7, 8, 0]);
});

test('with whenFull "slide" it reads the last half of its positions again and goes on', async () => {
  const lengths: number[] = [];
  const decoder = scripted({
    vocabulary: 10,
    positions: 8,
    logits: (ids) => {
      lengths.push(ids.length);
      return only(10, (ids.at(-1)! + 1) % 10);
    },
  });
  const tokens = await tokensOf(decoder, [[1, 2, 3, 4, 5, 6]], { maxNewTokens: 12, whenFull: "slide" });
  expect(tokens.map(([token]) => token)).toEqual([7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(lengths).toEqual([6, 7, 8, 4, 5, 6, 7, 8, 4, 5, 6, 7]);
  lengths.length = 0;
  expect(await tokensOf(decoder, [Array(20).fill(4)], { maxNewTokens: 2, whenFull: "slide" })).toEqual([[5], [6]]);
  expect(lengths).toEqual([8, 4]);
});

test("the longer text of a sliding window is what reading its last tokens gives", async () => {
  const short = tinyGpt2({ n_positions: 8 });
  await using decoder = await openDecoder(short.model, short.spec, short.weights, { threads: 1 });
  const [row] = await generateAll(decoder, [[1, 2, 3]], { maxNewTokens: 30, whenFull: "slide" });
  let from = 0;
  for (let at = 3; at < row!.length; at++) {
    if (at - from > 8) from = at - 4;
    expect(await generateAll(decoder, [row!.slice(from, at)], { maxNewTokens: 1 })).toEqual([row!.slice(from, at + 1)]);
  }
});

test("an abort ends the text between two tokens, with its reason", async () => {
  const reason = new Error("enough");
  const decoder = counting(10);
  const abort = new AbortController();
  const seen: number[] = [];
  const run = async () => {
    for await (const [token] of generateTokens(decoder, [[1]], { maxNewTokens: 100, signal: abort.signal })) {
      seen.push(token!);
      if (seen.length === 3) abort.abort(reason);
    }
  };
  await expect(run()).rejects.toBe(reason);
  expect(seen).toEqual([2, 3, 4]);
  const reads = decoder.reads;
  await expect(generateAll(decoder, [[1]], { signal: abort.signal })).rejects.toBe(reason);
  expect(decoder.reads).toBe(reads);
});

test("a timer can abort a model that never waits", async () => {
  const signal = AbortSignal.timeout(30);
  await expect(generateAll(counting(10), [[1]], { maxNewTokens: 1e9, signal })).rejects.toThrow("timeout");
});

test("what cannot be generated is told before a token comes", async () => {
  const decoder = counting(10, 8);
  const fails = (prompts: readonly number[][], options: GenerateOptions) =>
    expect(generateAll(decoder, prompts, options)).rejects;
  await fails([Array(9).fill(1)], {}).toThrow(
    'generate: the prompt has 9 tokens, and the model has 8 positions; whenFull: "slide" reads the last of them',
  );
  await fails([[1], [1, 2, 3]], { maxLength: 3 }).toThrow(
    "generate: the prompt has 3 tokens and maxLength, which counts them, is 3; give maxNewTokens",
  );
  await fails([[1]], { topK: -1 }).toThrow("generate: topK is -1");
  await fails([[1]], { defaults: { top_k: -1 } }).toThrow("generation_config.json: top_k is -1");
  for (const option of ["forcedEosTokenId", "forcedBosTokenId"])
    await fails([[1]], { [option]: 10, maxNewTokens: 1 }).toThrow(
      `generate: ${option} 10 is not in the vocabulary, whose ids are 0 to 9`,
    );
  await using real = await open();
  await expect(generateAll(real, [[1, 23]])).rejects.toThrow(
    "generate: position 1 of prompt 0 is id 23; ids are 0 to 22",
  );
  await expect(generateAll(real, [[1], []])).rejects.toThrow("generate: prompt 1 is empty");
});

test("where no token can be chosen, that is told", async () => {
  const logits = (x: number) => scripted({ vocabulary: 2, logits: () => [x, x] });
  await expect(generateAll(logits(0), [[1]], { suppressTokens: [0, 1] })).rejects.toThrow(
    "generate: no token is left to choose from: every one is suppressed, forbidden or a repetition",
  );
  await expect(generateAll(logits(Number.NaN), [[1]])).rejects.toThrow(
    "generate: a logit is NaN; are the weights finite, and is the temperature not too small?",
  );
  await expect(generateAll(logits(1), [[1]], { temperature: 1e-40 })).rejects.toThrow("generate: a logit is Infinity");
});
