import { expect, test } from "vitest";
import { keyOf } from "../random.ts";
import {
  constant,
  fillInitial,
  type InitialValue,
  joined,
  kaimingUniform,
  normal,
  truncatedNormal,
  uniform,
  xavierUniform,
} from "./init.ts";

const N = 200_000;
const filled = (init: InitialValue, key = keyOf(1, "h.0.attn.weight")): Float32Array => {
  const view = new Float32Array(N);
  fillInitial(view, init, key);
  return view;
};
function moments(x: Float32Array) {
  const mean = x.reduce((a, b) => a + b, 0) / N;
  return { mean, std: Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / N) };
}
const largest = (x: Float32Array) => x.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

test.each([
  ["normal", normal(0.02), 0.02],
  ["truncated normal", truncatedNormal(0.02), 0.02 * 0.8796],
  ["uniform", uniform(0.5), 0.5 / Math.sqrt(3)],
  ["Xavier uniform", xavierUniform(30, 70, { gain: 2 }), 2 * Math.sqrt(2 / 100)],
  ["Kaiming uniform", kaimingUniform(50), Math.sqrt(2 / 50)],
  ["constant", constant(1), 0],
])("%s has the spread its paper says", (_, init, std) => {
  const got = moments(filled(init));
  expect(got.mean).toBeCloseTo(init.kind === "constant" ? 1 : 0, 2);
  expect(got.std).toBeCloseTo(std, 3);
});

test("a truncated normal ends at two standard deviations, a uniform at its bound", () => {
  expect(largest(filled(truncatedNormal(1)))).toBeLessThanOrEqual(2);
  expect(largest(filled(uniform(0.25)))).toBeLessThanOrEqual(0.25);
});

test("a gain of √⅓ is the ±1/√fan of torch.nn.Linear", () => {
  const init = kaimingUniform(64, { gain: Math.sqrt(1 / 3) });
  expect("high" in init && init.high).toBeCloseTo(0.125, 12);
});

test("one key gives one set of numbers, another key others", () => {
  expect(filled(normal(1))).toEqual(filled(normal(1)));
  expect(filled(normal(1), keyOf(1, "h.1.attn.weight"))).not.toEqual(filled(normal(1)));
});

test("the numbers are the same on every platform and in every version", () => {
  const first = (init: InitialValue) => [...filled(init).subarray(0, 4)];
  expect(first(normal(1))).toEqual([0.9630898833274841, 0.23843981325626373, -0.7071305513381958, 0.1681748926639557]);
});

test("an initial value is plain data", () => {
  expect(structuredClone(xavierUniform(1, 2))).toEqual(xavierUniform(1, 2));
});

test("impossible numbers are refused", () => {
  expect(() => filled(normal(Number.NaN))).toThrow(
    "init: normal cannot have mean 0, std NaN: numbers must be finite and spreads not negative",
  );
  expect(() => filled(uniform(-1))).toThrow("init: uniform cannot have low 1, high -1");
  expect(() => filled(truncatedNormal(-1))).toThrow("init: truncated-normal cannot have std -1");
  expect(() => filled(constant(Infinity))).toThrow("init: constant cannot have value Infinity");
});

test("joined parts are each their own: a constant beside drawn numbers, and equal draws that differ", () => {
  const view = new Float32Array(12);
  fillInitial(view, joined([uniform(1), constant(3), uniform(1)]), 5);
  expect([...view.subarray(4, 8)]).toEqual([3, 3, 3, 3]);
  expect(view.subarray(0, 4)).not.toEqual(view.subarray(8));
  expect(() => fillInitial(view, joined([constant(Number.NaN)]), 5)).toThrow("init: constant cannot have value NaN");
});
