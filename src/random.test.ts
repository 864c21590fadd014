import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  below,
  bits,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fold,
  hash32,
  hashString,
  keyOf,
  normal,
  stream,
  uniform,
} from "./random.ts";

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const n = 1 << 14;
const keys = [0, 1, 2, 3, 0xffffffff, 0x80000000, 0x61c88647, keyOf(7, "h.0.attn"), keyOf(7, "h.1.attn")];

/** How many standard deviations a count of fair coin tosses is away from half of them. */
const deviations = (heads: number, tosses: number) => Math.abs(heads - tosses / 2) / Math.sqrt(tosses / 4);
const draws = (key: number, count = n) => Uint32Array.from({ length: count }, (_, i) => bits(key, i));
const centred = (key: number) => Float64Array.from(draws(key), (x) => Math.sqrt(12) * (x / 2 ** 32 - 0.5));

describe("the hash is the documented formula", () => {
  const mod = (x: bigint) => x & 0xffffffffn;
  const hash = (x: bigint) => {
    x = mod((x ^ (x >> 16n)) * 0x7feb352dn);
    x = mod((x ^ (x >> 15n)) * 0x846ca68bn);
    return x ^ (x >> 16n);
  };

  test("in whole numbers of any size, taken modulo 2^32", () =>
    fc.assert(
      fc.property(uint32, uint32, (a, b) => {
        expect(hash32(a)).toBe(Number(hash(BigInt(a))));
        expect(fold(a, b)).toBe(Number(hash(mod(BigInt(a) * 0x9e3779b1n + BigInt(b)))));
        const start = mod(BigInt(a) + 0x9e3779b9n);
        const step = mod(2n * hash(start) + 1n);
        expect(stream(a)).toEqual({ start: Number(start), step: Number(step) });
        expect(bits(a, b)).toBe(Number(hash(mod(start + BigInt(b) * step))));
      }),
    ));

  test("and never changes: Python's integers and its statistics.NormalDist give these numbers too", () => {
    expect([1, 2, 0xffffffff].map(hash32)).toEqual([1753845952, 3507691905, 1734902346]);
    expect(["", "h.0.attn", "über"].map(hashString)).toEqual([1947474976, 1419854121, 1405028955]);
    expect([keyOf(0), keyOf(1337, "wte.weight"), keyOf(2 ** 53 - 1, 3, "x")]).toEqual([
      2245498560, 950927621, 1058354100,
    ]);
    const normals = new Uint32Array(fillNormal(new Float32Array(100_000), keyOf(1)).buffer);
    expect(normals.reduce(fold, 0)).toBe(487725706); // of their float32 bits
  });
});

describe("the bits look random", () => {
  test("each is one half of the time, alone and against the next", () => {
    for (const key of keys) {
      const x = draws(key);
      for (let bit = 0; bit < 32; bit++) {
        expect(deviations(x.filter((v) => (v >>> bit) & 1).length, n)).toBeLessThan(4.5);
        expect(deviations(x.filter((v, i) => ((v ^ x[(i + 1) % n]!) >>> bit) & 1).length, n)).toBeLessThan(4.5);
      }
    }
  });

  test("turning one bit of the index or of the key turns every output bit half of the time", () => {
    const samples = 1 << 12;
    for (const turned of [
      (key: number, i: number, mask: number) => bits(key, i ^ mask),
      (key: number, i: number, mask: number) => bits(key ^ mask, i),
    ])
      for (let from = 0; from < 32; from++) {
        const flips = new Uint32Array(32);
        for (let i = 0; i < samples; i++) {
          const x = hash32(i + 1);
          const change = bits(x, i) ^ turned(x, i, 1 << from);
          for (let to = 0; to < 32; to++) flips[to]! += (change >>> to) & 1;
        }
        for (const count of flips) expect(deviations(count, samples)).toBeLessThan(5);
      }
  });

  test("a uniform number's histogram passes chi-square, and pairs of neighbours fill the square", () => {
    for (const key of keys) {
      const alone = new Uint32Array(256),
        pairs = new Uint32Array(256);
      for (let i = 0; i < n; i++) {
        alone[Math.floor(256 * uniform(key, i))]!++;
        pairs[16 * Math.floor(16 * uniform(key, i)) + Math.floor(16 * uniform(key, i + 1))]!++;
      }
      const chiSquare = (counts: Uint32Array) => counts.reduce((sum, c) => sum + (c - n / 256) ** 2 / (n / 256), 0);
      for (const counts of [alone, pairs])
        expect(Math.abs(chiSquare(counts) - 255) / Math.sqrt(2 * 255)).toBeLessThan(4);
    }
  });

  test("neighbours in a stream, and streams of neighbouring keys, are uncorrelated", () => {
    const correlation = (x: Float64Array, y: Float64Array, lag: number) => {
      let sum = 0;
      for (let i = lag; i < n; i++) sum += x[i]! * y[i - lag]!;
      return sum / Math.sqrt(n - lag);
    };
    const streams = Array.from({ length: 41 }, (_, key) => centred(key));
    for (let key = 0; key < 40; key++)
      for (const lag of [0, 1, 2, 3, 4, 8, 64, 1024]) {
        if (lag > 0) expect(Math.abs(correlation(streams[key]!, streams[key]!, lag))).toBeLessThan(4.5);
        expect(Math.abs(correlation(streams[key + 1]!, streams[key]!, lag))).toBeLessThan(4.5);
      }
  });

  test("no stream is a shifted copy of another: they share no two numbers in a row", () => {
    const seen = new Set<bigint>();
    for (let key = 0; key < 64; key++) {
      const x = draws(key, 2049);
      for (let i = 0; i < 2048; i++) seen.add((BigInt(x[i]!) << 32n) | BigInt(x[i + 1]!));
    }
    expect(seen.size).toBe(64 * 2048);
  });
});

describe("a key", () => {
  test("uses all 53 bits of the seed, every part, and their order", () => {
    const made = [
      keyOf(1),
      keyOf(1 + 2 ** 32),
      keyOf(2),
      keyOf(1, 2),
      keyOf(2, 1),
      keyOf(1, "2"),
      keyOf(1, "a", "b"),
      keyOf(1, "b", "a"),
      keyOf(1, "ab"),
    ];
    expect(new Set(made).size).toBe(made.length);
    expect(keyOf(7, "h.0", 3)).toBe(fold(fold(fold(keyOf(7), hashString("h.0")), 3), 0));
  });

  test("is made from whole numbers only", () => {
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN])
      expect(() => keyOf(1, bad)).toThrow(
        `keyOf: ${bad} is not an integer from 0 to 2^53 - 1; seeds and the numbers in keys must be`,
      );
  });
});

describe("draws", () => {
  test("uniform is in [0, 1) and exact in float32", () =>
    fc.assert(
      fc.property(uint32, uint32, (key, i) => {
        const u = uniform(key, i);
        expect(u >= 0 && u < 1 && Math.fround(u) === u).toBe(true);
      }),
    ));

  test("below is uniform over integers, large ones too", () => {
    const counts = new Uint32Array(7);
    for (let i = 0; i < 70_000; i++) counts[below(7, 5, i)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000) / Math.sqrt(10_000 * (6 / 7))).toBeLessThan(4);
    const large = Array.from({ length: 1000 }, (_, i) => below(2 ** 53, 5, i));
    expect(large.every((x) => Number.isSafeInteger(x) && x >= 0)).toBe(true);
    expect(large.some((x) => x % 2 === 1) && large.some((x) => x > 2 ** 52)).toBe(true);
  });

  const moments = (x: Float32Array, power: number) => x.reduce((sum, v) => sum + v ** power, 0) / x.length;

  test("an array of draws is the draws one by one", () => {
    const z = fillNormal(new Float32Array(100), 9),
      u = fillUniform(new Float32Array(100), 9);
    expect([...z]).toEqual(Array.from({ length: 100 }, (_, i) => normal(9, i)));
    expect([...u]).toEqual(Array.from({ length: 100 }, (_, i) => uniform(9, i)));
    expect(fillNormal(new Float32Array(100), 9, { mean: 3, std: 0 })).toEqual(new Float32Array(100).fill(3));
  });

  test("normals have the normal's moments", () => {
    const x = fillNormal(new Float32Array(1 << 18), keyOf(3), { mean: 1, std: 0.5 }).map((v) => (v - 1) / 0.5);
    expect(moments(x, 1)).toBeCloseTo(0, 2);
    expect(moments(x, 2)).toBeCloseTo(1, 2);
    expect(moments(x, 3)).toBeCloseTo(0, 1);
    expect(moments(x, 4)).toBeCloseTo(3, 1);
  });

  test("truncated normals end at two standard deviations and have 0.8796 of one", () => {
    const x = fillTruncatedNormal(new Float32Array(1 << 18), keyOf(4), { mean: 1, std: 0.02 });
    expect(x.every((v) => Math.abs(v - 1) <= 0.04 + 1e-7)).toBe(true);
    const z = x.map((v) => (v - 1) / 0.02);
    expect(Math.max(...z.subarray(0, 4096))).toBeGreaterThan(1.95);
    expect(Math.sqrt(moments(z, 2))).toBeCloseTo(0.8796, 2);
  });

  test("uniforms fill their interval", () => {
    const x = fillUniform(new Float32Array(1 << 16), keyOf(5), { low: -2, high: 4 });
    expect(x.every((v) => v >= -2 && v <= 4)).toBe(true);
    expect(moments(x, 1)).toBeCloseTo(1, 1);
  });
});
