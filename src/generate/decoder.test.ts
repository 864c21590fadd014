import { expect, test } from "vitest";
import { tinyGpt2 } from "../../test/tiny-decoder.ts";
import { type Decoder, type DecoderOptions, openDecoder } from "./index.ts";

const { model, spec, weights } = tinyGpt2();
const open = (options: DecoderOptions = {}) => openDecoder(model, spec, weights, { threads: 1, ...options });

const prompts = [[5], [1, 2, 3, 4], [22, 0], [7, 7, 7, 7, 7, 7]];
/** A token for each row, another at each step. */
const tokens = (rows: number, step: number) => Array.from({ length: rows }, (_, r) => (7 * step + 5 * r + 3) % 23);

/** The logits after the prompts and after each of so many steps. */
async function logitsOf(decoder: Decoder, rows: readonly number[][], steps: number, first = 0): Promise<number[][]> {
  const decoding = await decoder.begin(rows);
  const seen = [[...decoding.logits]];
  for (let step = 0; step < steps; step++) {
    await decoding.step(tokens(prompts.length, step).slice(first, first + rows.length));
    seen.push([...decoding.logits]);
  }
  return seen;
}

function expectClose(got: readonly number[], expected: readonly number[]) {
  expect(got.length).toBe(expected.length);
  const difference = Math.max(...got.map((x, i) => Math.abs(x - expected[i]!)));
  expect(difference / Math.max(...expected.map(Math.abs))).toBeLessThan(2e-6);
}

test("remembering keys and values gives what reading the whole text at every step gives", async () => {
  await using cached = await open();
  await using whole = await open({ cache: false });
  const [got, expected] = [await logitsOf(cached, prompts, 9), await logitsOf(whole, prompts, 9)];
  for (const [i, logits] of expected.entries()) expectClose(got[i]!, logits);
  expect(new Set(expected.map((logits) => logits.indexOf(Math.max(...logits)))).size).toBeGreaterThan(2);
});

test("a row among longer ones, padded on the left, gets the logits it has alone", async () => {
  await using decoder = await open();
  const together = await logitsOf(decoder, prompts, 3);
  for (const [r, prompt] of prompts.entries()) {
    const alone = await logitsOf(decoder, [prompt], 3, r);
    for (const [i, logits] of alone.entries()) expectClose(together[i]!.slice(23 * r, 23 * (r + 1)), logits);
  }
});

for (const cache of [true, false])
  test(`rows that are kept, left out, moved and doubled go on as if they had been read so (cache ${cache})`, async () => {
    await using decoder = await open({ cache });
    const moved = await decoder.begin(prompts);
    await moved.step([1, 2, 3, 4]);
    moved.reorder([3, 1, 1, 0, 3]);
    const fresh = await decoder.begin([
      [...prompts[3]!, 4],
      [...prompts[1]!, 2],
      [...prompts[1]!, 2],
      [5, 1],
      [...prompts[3]!, 4],
    ]);
    expectClose([...moved.logits], [...fresh.logits]);
    for (let step = 0; step < 4; step++) {
      await moved.step([9, 8, 7, 6, 5]);
      await fresh.step([9, 8, 7, 6, 5]);
      expectClose([...moved.logits], [...fresh.logits]);
    }
    moved.reorder([1]);
    expectClose([...moved.logits], [...fresh.logits.slice(23, 46)]);
    await moved.step([2]);
    await fresh.step([2, 2, 2, 2, 2]);
    expectClose([...moved.logits], [...fresh.logits.slice(23, 46)]);
  });

test("several texts are decoded side by side", async () => {
  await using decoder = await open();
  const [one, other] = [await decoder.begin([[1, 2]]), await decoder.begin([[3], [4, 5]])];
  await one.step([6]);
  await other.step([7, 8]);
  await one.step([9]);
  expectClose([...one.logits], [...(await decoder.begin([[1, 2, 6, 9]])).logits]);
  expectClose(
    [...other.logits],
    [
      ...(
        await decoder.begin([
          [3, 7],
          [4, 5, 8],
        ])
      ).logits,
    ],
  );
});

test("frozen weights give the same, and see no later change", async () => {
  const changing = new Map([...weights].map(([name, view]) => [name, view.slice()]));
  await using fed = await openDecoder(model, spec, changing, { threads: 1 });
  await using frozen = await openDecoder(model, spec, changing, { threads: 1, frozen: true });
  const before = [...(await fed.begin([[1, 2]])).logits];
  expectClose([...(await frozen.begin([[1, 2]])).logits], before);
  changing.get("transformer.wte.weight")!.fill(0);
  expect((await fed.begin([[1, 2]])).logits.every((x) => x === 0)).toBe(true);
  expectClose([...(await frozen.begin([[1, 2]])).logits], before);
});

test("WebAssembly gives the same numbers", async () => {
  await using native = await open();
  await using wasm = await open({ device: "wasm" });
  const [got, expected] = [await logitsOf(wasm, prompts, 4), await logitsOf(native, prompts, 4)];
  for (const [i, logits] of expected.entries()) expectClose(got[i]!, logits);
});

test("what cannot be read is told with the numbers that disagree", async () => {
  await using decoder = await open();
  await expect(decoder.begin([])).rejects.toThrow("generate: there is no prompt");
  await expect(decoder.begin([[1], []])).rejects.toThrow(
    "generate: prompt 1 is empty; a model needs a token to go on from",
  );
  await expect(decoder.begin([[1], Array(17).fill(1)])).rejects.toThrow(
    "generate: prompt 1 has 17 tokens, and the model has 16 positions",
  );
  for (const id of [23, -1, 1.5, Number.NaN])
    await expect(decoder.begin([[1, 2, id]])).rejects.toThrow(
      `generate: position 2 of prompt 0 is id ${id}; ids are 0 to 22`,
    );
  const decoding = await decoder.begin([Array(15).fill(1), [2]]);
  await expect(decoding.step([1])).rejects.toThrow("generate: 1 tokens for 2 rows: there must be one for each");
  await expect(decoding.step([1, 99])).rejects.toThrow("generate: row 1 is given id 99; ids are 0 to 22");
  expect(() => decoding.reorder([0, 2])).toThrow("generate: cannot keep rows 0, 2 of 2");
  expect(() => decoding.reorder([])).toThrow("generate: cannot keep rows  of 2");
  await decoding.step([3, 4]);
  expect(decoding.length).toBe(16);
  await expect(decoding.step([3, 4])).rejects.toThrow(
    "generate: the text has 16 tokens, and the model has 16 positions",
  );
});
