import { describe, expect, test } from "vitest";
import { attentive, recurrent, recurrentTranslator } from "../../test/hand-made.ts";
import { customModel, leftBy } from "../models/index.ts";
import { type Decoder, type Decoding, openDecoder, planDecoder } from "./index.ts";
import type { Values } from "./memory.ts";

const V = 19;

function expectClose(got: Float32Array, expected: ArrayLike<number>) {
  expect(got.length).toBe(expected.length);
  expect(Math.max(...got.map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThan(2e-6);
}

/** Padded on the right. */
function sourceOf(rows: readonly (readonly number[])[]): Values {
  const width = Math.max(...rows.map((row) => row.length));
  const each = (value: (row: readonly number[], at: number) => number) => ({
    dtype: "int64" as const,
    dims: [rows.length, width],
    data: BigInt64Array.from(rows.flatMap((row) => Array.from({ length: width }, (_, at) => BigInt(value(row, at))))),
  });
  return {
    input_ids: each((row, at) => row[at] ?? 0),
    attention_mask: each((row, at) => Number(at < row.length)),
  };
}

const sources = [
  [4, 5, 6],
  [7, 8],
  [9, 10, 11, 12, 13],
];
const models = [
  { name: "a recurrent model", ...recurrent(), prompts: [[5], [1, 2, 3, 4], [18, 0, 3]] },
  {
    name: "a recurrent model that takes no mask",
    ...recurrent({ masked: false }),
    prompts: [[5], [1, 2, 3, 4], [18, 0, 3]],
  },
  { name: "an attentive encoder-decoder", ...attentive(), prompts: [[1], [1, 2], [1, 3, 5]], sources },
  { name: "a recurrent encoder-decoder", ...recurrentTranslator(), prompts: [[1], [1], [1]], sources },
];

interface Case extends ReturnType<typeof recurrent> {
  readonly name: string;
  readonly prompts: readonly (readonly number[])[];
  readonly sources?: readonly (readonly number[])[];
}

describe.each<Case>(models)("$name", ({ name, model, spec, weights, prompts, sources }) => {
  const open = (options = {}) => openDecoder(model, spec, weights, { threads: 1, ...options });
  const begin = (decoder: Decoder, rows: readonly number[] = [0, 1, 2]) =>
    decoder.begin(
      rows.map((r) => prompts[r]!),
      sources && sourceOf(rows.map((r) => sources[r]!)),
    );

  test("remembering gives what reading all at every step gives", async () => {
    await using cached = await open({ frozen: true });
    await using whole = await open({ cache: false });
    const [a, b] = [await begin(cached), await begin(whole)];
    expectClose(a.logits, b.logits);
    const likeliest = new Set<number>();
    for (let step = 0; step < 6; step++) {
      for (const decoding of [a, b]) await decoding.step([step, 2 * step, 17 - step]);
      expectClose(a.logits, b.logits);
      likeliest.add(b.logits.indexOf(Math.max(...b.logits)));
    }
    expect(likeliest.size).toBeGreaterThan(2);
  });

  test("a row gets the logits that it has alone", async () => {
    await using decoder = await open();
    const together = await begin(decoder);
    const alone: Decoding[] = [];
    for (const r of [0, 1, 2]) alone.push(await begin(decoder, [r]));
    for (let step = 0; step < 3; step++) {
      for (const r of [0, 1, 2]) expectClose(together.logits.slice(V * r, V * (r + 1)), alone[r]!.logits);
      await together.step([3, 4, 5]);
      for (const r of [0, 1, 2]) await alone[r]!.step([3 + r]);
    }
  });

  test.each([true, false])("rows are moved, doubled and left out (cache %s)", async (cache) => {
    await using decoder = await open({ cache });
    const moved = await begin(decoder);
    await moved.step([1, 2, 3]);
    moved.reorder([2, 0, 2, 1]);
    const rows = [2, 0, 2, 1];
    const fresh = await begin(decoder, rows);
    await fresh.step([3, 1, 3, 2]);
    expectClose(moved.logits, fresh.logits);
    for (const decoding of [moved, fresh]) await decoding.step([4, 5, 6, 7]);
    expectClose(moved.logits, fresh.logits);
    for (const decoding of [moved, fresh]) {
      decoding.reorder([3, 1]);
      await decoding.step([8, 9]);
    }
    expectClose(moved.logits, fresh.logits);
  });

  test.runIf(sources)("it reads its source once, and says which it wants", async () => {
    const plan = planDecoder(model, spec);
    expect(plan.program.inputs.map(({ name }) => name)).not.toContain("input_ids");
    expect(plan.encoder?.inputs.map(({ name }) => name)).toContain("input_ids");
    await using decoder = await open();
    expect(decoder.source).toEqual(["input_ids", "attention_mask"]);
    const { input_ids, ...rest } = sourceOf(sources!);
    await expect(decoder.begin(prompts, rest)).rejects.toThrow(
      "generate: this model reads a source first, and its input_ids is missing",
    );
    await expect(decoder.begin(prompts.slice(1), sourceOf(sources!))).rejects.toThrow(
      "generate: 2 rows of tokens for 3 rows of input_ids: 2 ≠ 3",
    );
    await expect(decoder.begin(prompts, { ...rest, inputs: input_ids! })).rejects.toThrow(
      'generate: there is no source input "inputs"; input_ids, attention_mask of it is read',
    );
  });

  test.runIf(name === "a recurrent encoder-decoder")("rows of different lengths need a mask", async () => {
    await using decoder = await open();
    await expect(decoder.begin([[1, 2], [1], [1]], sourceOf(sources!))).rejects.toThrow(
      "generate: prompts have 2, 1 tokens, and this model takes no mask to tell padding from text; give prompts of one length, or one at a time",
    );
  });
});

test("a decoder without a source takes none", async () => {
  const { model, spec, weights } = recurrent();
  await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
  expect(decoder.source).toBeUndefined();
  await expect(decoder.begin([[1]], sourceOf([[1]]))).rejects.toThrow(
    'generate: there is no source input "input_ids"; none of it is read',
  );
});

test("a model that does not leave what it remembers is told so", () => {
  const { model } = recurrent();
  const spec = customModel(model, { cache: { cell: { kind: "state", shape: ["batch", 8] } } });
  expect(() => planDecoder(model, spec)).toThrow(
    'memory: forward left nothing called "cell"; give it as an output, or tap it: nothing is tapped',
  );
  const tap = { path: "a.key", name: "key", value: {} as never };
  expect(() => leftBy("key.1", {}, [tap])).toThrow(
    'memory: forward left nothing called "key.1"; give it as an output, or tap it: key is tapped',
  );
});
