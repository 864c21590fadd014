import fc from "fast-check";
import { expect, test } from "vitest";
import { keyOf, normal } from "../../random.ts";
import { compile } from "../../runtime/compile.ts";
import { count, type Value } from "../../tensor/dtype.ts";
import { add, type Float, input, trace } from "../../tensor/index.ts";
import { causalMask, causalPaddingMask, multiHeadAttention, paddingMask, scaledDotProduct } from "../index.ts";
import { packedTexts } from "./mask.ts";

const f32 = (dims: readonly number[], at: (i: number) => number): Value<"float32"> => ({
  dtype: "float32",
  dims,
  data: Float32Array.from({ length: count(dims) }, (_, i) => at(i)),
});
const normals = (dims: readonly number[], size = 1) => f32(dims, (i) => size * normal(keyOf(1, dims.join()), i));
const masks = (rows: readonly (readonly number[])[]): Value<"int64"> => ({
  dtype: "int64",
  dims: [rows.length, rows[0]!.length],
  data: BigInt64Array.from(rows.flat(), BigInt),
});

/** What attention weighs and gives, for a mask made of `attention_mask`. */
async function attend(size: number, given: Value<"int64">, maskOf: (m: ReturnType<typeof input<"int64">>) => Float) {
  const [B, S] = given.dims as [number, number];
  const [q, k, v, attention_mask] = [
    input([B, 2, S, 3]),
    input([B, 2, S, 3]),
    input([B, 2, S, 3]),
    input([B, S], "int64"),
  ];
  const { result: y, taps } = trace(() => scaledDotProduct()(q, k, v, maskOf(attention_mask)));
  await using program = await compile({ q, k, v, attention_mask }, { y, weights: taps[0]!.value as Float });
  const of = (shift: number) => f32([B, 2, S, 3], (i) => size * normal(keyOf(shift), i));
  const values = f32([B, 2, S, 3], (i) => i);
  const { y: result, weights } = await program({ q: of(1), k: of(2), v: values, attention_mask: given });
  const row = (b: number, h: number, t: number) => [...weights.data.subarray(((b * 2 + h) * S + t) * S)].slice(0, S);
  return { result, values, row, B, S };
}

test("hidden keys weigh exactly 0, whatever the scores, and the others sum to 1", async () => {
  for (const size of [1, 40]) {
    const { row, B, S } = await attend(
      size,
      masks([
        [1, 1, 1, 0],
        [1, 1, 0, 0],
      ]),
      (m) => causalPaddingMask(4, 4, m),
    );
    const lengths = [3, 2];
    for (let b = 0; b < B; b++)
      for (let t = 0; t < S; t++)
        for (const h of [0, 1]) {
          const weights = row(b, h, t);
          expect(weights.slice(Math.min(t + 1, lengths[b]!)).every((w) => w === 0)).toBe(true);
          expect(weights.reduce((a, w) => a + w)).toBeCloseTo(1, 5);
        }
  }
});

test("where every key is hidden all weigh the same, so the result is their values' mean", async () => {
  for (const size of [1, 1000]) {
    const { result, values, row } = await attend(size, masks([[0, 0, 0, 0]]), (m) => paddingMask(m));
    expect(row(0, 1, 2)).toEqual([0.25, 0.25, 0.25, 0.25]);
    for (let c = 0; c < 3; c++) {
      const column = [0, 1, 2, 3].map((t) => values.data[t * 3 + c]!);
      expect(result.data[c]).toBeCloseTo(column.reduce((a, b) => a + b) / 4, 4);
    }
  }
});

test("masks may be added up", async () => {
  const { row } = await attend(1, masks([[0, 1, 1, 0]]), (m) => add(add(causalMask(4), paddingMask(m)), causalMask(4)));
  expect(row(0, 0, 2)[0]).toBe(0);
  expect(row(0, 0, 2)[3]).toBe(0);
  expect(row(0, 0, 0).every(Number.isFinite)).toBe(true);
});

test("a causal mask behind a past lets the last query see every key", async () => {
  await using program = await compile({ x: input([1]) }, { mask: causalMask(2, 5) });
  const { mask } = await program({ x: f32([1], () => 0) });
  expect([...mask.data].map((m) => m === 0)).toEqual([true, true, true, true, false, true, true, true, true, true]);
});

test("with any mask, a query's result depends on no key that is hidden from it", async () => {
  const S = 4;
  const attention = multiHeadAttention(6, { heads: 2 });
  const x = input([1, S, 6]);
  const source = input([1, S, 6]);
  const attention_mask = input([1, S], "int64");
  const params = Object.fromEntries(
    Object.entries(attention).flatMap(([part, { weight, bias }]) => [
      [`${part}.weight`, weight],
      [`${part}.bias`, bias!],
    ]),
  );
  const y = attention(x, paddingMask(attention_mask), source);
  await using program = await compile({ params, x, source, attention_mask }, { y });
  const weights = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, normals(shape)]));
  const run = async (mask: readonly number[], hidden: number) => {
    const read = f32([1, S, 6], (i) => (mask[Math.floor(i / 6)] ? Math.sin(i) : hidden * Math.cos(i)));
    const got = await program({ params: weights, x: normals([1, S, 6]), source: read, attention_mask: masks([mask]) });
    return [...got.y.data];
  };
  const someReal = fc.array(fc.nat(1), { minLength: S, maxLength: S }).filter((mask) => mask.includes(1));
  await fc.assert(
    fc.asyncProperty(someReal, async (mask) => {
      expect(await run(mask, 1)).toEqual(await run(mask, -3));
    }),
    { numRuns: 15 },
  );
});

test("heads that do not divide are told with their numbers", () => {
  expect(() => multiHeadAttention(10, { heads: 3 })).toThrow(
    "multiHeadAttention: 10 numbers, 3 heads and 3 key heads do not divide evenly",
  );
  expect(() => multiHeadAttention(12, { heads: 6, kvHeads: 4 })).toThrow(
    "multiHeadAttention: 12 numbers, 6 heads and 4 key heads do not divide evenly",
  );
  expect(() => scaledDotProduct()(input([1, 6, 2, 3]), input([1, 4, 2, 3]), input([1, 4, 2, 3]))).toThrow(
    "attention: float32[1, 6, 2, 3] and float32[1, 4, 2, 3]: 6 query heads do not share 4 key heads evenly",
  );
});

test("within a window each query sees the last keys only, its own among them, also behind a past", async () => {
  const seen = async (T: number, mask: readonly number[]) => {
    const attention_mask = input([1, mask.length], "int64");
    const windowed = causalPaddingMask(T, mask.length, attention_mask, { window: 2 });
    await using program = await compile({ attention_mask }, { y: windowed });
    const { y } = await program({ attention_mask: masks([mask]) });
    return Array.from({ length: T }, (_, t) => mask.map((_, k) => Number(y.data[t * mask.length + k] === 0)).join(""));
  };
  expect(await seen(4, [1, 1, 1, 1])).toEqual(["1000", "1100", "0110", "0011"]);
  expect(await seen(4, [0, 1, 1, 1])).toEqual(["0000", "0100", "0110", "0011"]);
  expect(await seen(1, [1, 1, 1, 1])).toEqual(["0011"]);
});

test("a text begins where places do not go on by one, for rows of any length", async () => {
  const position_ids = input(["batch", "time"], "int64");
  await using program = await compile({ position_ids }, { texts: packedTexts(position_ids) });
  const texts = async (rows: readonly (readonly number[])[]) =>
    [...(await program({ position_ids: masks(rows) })).texts.data].map(Number);
  expect(
    await texts([
      [0, 1, 2, 0, 1, 0],
      [7, 8, 9, 10, 4, 5],
    ]),
  ).toEqual([0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 1, 1]);
  expect(await texts([[3], [0]])).toEqual([0, 0]);
});
