import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bfloat16ToFloat32,
  float8e4m3ToFloat32,
  float8e5m2ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./half.ts";

const everyHalf = Uint16Array.from({ length: 65536 }, (_, i) => i);
const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
const float32 = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer);
const bitsOf = (x: Float32Array) => [...new Uint32Array(x.buffer)];

/** IEEE 754's value of a float with a sign, these exponent and mantissa bits; for those that are finite. */
function definition(bits: number, exponentBits: number, mantissaBits: number): number {
  const mantissa = bits & (2 ** mantissaBits - 1);
  const exponent = (bits >>> mantissaBits) & (2 ** exponentBits - 1);
  const sign = bits >>> (exponentBits + mantissaBits) ? -1 : 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  return sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

/** The nearest of all finite values, of two equally near the one with even bits, by search. */
function nearest(x: number, values: Float64Array): number {
  let low = 0;
  let high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= x) low = middle;
    else high = middle;
  }
  const below = x - values[low]!;
  const above = values[high]! - x;
  return below < above || (below === above && low % 2 === 0) ? low : high;
}

describe("widening", () => {
  test("every finite float16 and bfloat16 has the value of its definition", () => {
    const halves = float16ToFloat32(everyHalf);
    const brains = bfloat16ToFloat32(everyHalf);
    const finite = (exponent: number) => [...everyHalf].filter((bits) => (bits & exponent) !== exponent);
    expect(finite(0x7c00).filter((bits) => !Object.is(halves[bits], definition(bits, 5, 10)))).toEqual([]);
    expect(finite(0x7f80).filter((bits) => !Object.is(brains[bits], definition(bits, 8, 7)))).toEqual([]);
  });

  test("every finite float8 has the value of its definition", () => {
    const e4m3 = float8e4m3ToFloat32(everyByte);
    const e5m2 = float8e5m2ToFloat32(everyByte);
    for (const bits of everyByte) {
      if ((bits & 0x7f) !== 0x7f) expect(Object.is(e4m3[bits], definition(bits, 4, 3))).toBe(true);
      if ((bits & 0x7c) !== 0x7c) expect(Object.is(e5m2[bits], definition(bits, 5, 2))).toBe(true);
    }
    expect(e4m3[0x7e]).toBe(448);
    expect([e4m3[0x7f], e4m3[0xff], e5m2[0x7d]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([e5m2[0x7c], e5m2[0xfc]]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  test("a NaN keeps its sign and payload", () => {
    expect(bitsOf(float16ToFloat32(Uint16Array.of(0x7c01, 0xfe23)))).toEqual([0x7f802000, 0xffc46000]);
    expect(bitsOf(bfloat16ToFloat32(Uint16Array.of(0x7f81, 0xffd5)))).toEqual([0x7f810000, 0xffd50000]);
  });

  test("numbers go into a view of a larger memory", () => {
    const memory = new Float32Array(4).fill(9);
    float16ToFloat32(Uint16Array.of(0x3c00, 0x8000), memory.subarray(1, 3));
    expect([...memory]).toEqual([9, 1, -0, 9]);
  });
});

describe("rounding", () => {
  test("every float16 and bfloat16 comes back bit for bit, NaN payloads and -0 included", () => {
    const changed = (back: Uint16Array) => [...back].filter((bits, i) => bits !== i);
    expect(changed(float32ToFloat16(float16ToFloat32(everyHalf)))).toEqual([]);
    expect(changed(float32ToBfloat16(bfloat16ToFloat32(everyHalf)))).toEqual([]);
  });

  test.each([
    ["float16", float32ToFloat16, 5, 10],
    ["bfloat16", float32ToBfloat16, 8, 7],
  ] as const)("%s is the nearest value, ties to even", (_name, round, exponentBits, mantissaBits) => {
    const infinity = (2 ** exponentBits - 1) * 2 ** mantissaBits;
    // the infinity stands where the next value would: rounding goes there from half a step above the largest
    const values = Float64Array.from({ length: infinity + 1 }, (_, bits) =>
      definition(bits, exponentBits, mantissaBits),
    );
    const smallest = definition(1, exponentBits, mantissaBits);
    const bits = fc.oneof(
      fc.integer({ min: 0, max: 0x7f7fffff }),
      fc.integer({ min: 0, max: infinity - 1 }).map((i) => {
        const tie = Float32Array.of((values[i]! + values[i + 1]!) / 2);
        return new Uint32Array(tie.buffer)[0]!;
      }),
      fc.double({ min: 0, max: 4, noNaN: true }).map((steps) => {
        return new Uint32Array(Float32Array.of(steps * smallest).buffer)[0]!;
      }),
    );
    fc.assert(
      fc.property(bits, (b) => {
        const x = float32(b);
        const expected = nearest(x[0]!, values);
        expect(round(x)[0]).toBe(expected);
        expect(round(float32(b | 0x80000000))[0]).toBe(expected | 0x8000);
      }),
      { numRuns: 3000 },
    );
  });

  test("a NaN stays one, even where only the lost bits of its payload are set", () => {
    const quietest = float32(0x7f800001);
    expect([...float32ToFloat16(quietest), ...float32ToBfloat16(quietest)]).toEqual([0x7c01, 0x7f81]);
  });

  test("infinities stay, and what is beyond the largest becomes one", () => {
    const x = Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 65519, 65520, -1e9);
    expect([...float32ToFloat16(x)]).toEqual([0x7c00, 0xfc00, 0x7bff, 0x7c00, 0xfc00]);
    expect([...float32ToBfloat16(Float32Array.of(3.4e38, -3.4e38))]).toEqual([0x7f80, 0xff80]);
  });
});

test("arrays of different lengths are refused with both", () => {
  const message = (name: string) => `${name}: 2 float32 numbers, but 3 narrow ones`;
  const numbers = new Float32Array(2);
  const narrow = new Uint16Array(3);
  expect(() => float16ToFloat32(narrow, numbers)).toThrow(message("float16ToFloat32"));
  expect(() => bfloat16ToFloat32(narrow, numbers)).toThrow(message("bfloat16ToFloat32"));
  expect(() => float8e4m3ToFloat32(new Uint8Array(3), numbers)).toThrow(message("float8e4m3ToFloat32"));
  expect(() => float8e5m2ToFloat32(new Uint8Array(3), numbers)).toThrow(message("float8e5m2ToFloat32"));
  expect(() => float32ToFloat16(numbers, narrow)).toThrow(message("float32ToFloat16"));
  expect(() => float32ToBfloat16(numbers, narrow)).toThrow(message("float32ToBfloat16"));
});
