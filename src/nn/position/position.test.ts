import { describe, expect, test } from "vitest";
import { input } from "../../tensor/index.ts";
import golden from "../golden/nn.json" with { type: "json" };
import { learnedPositions, sinusoidalPositions } from "../index.ts";

const { count, dim, rows, values } = golden.marian;

describe("sinusoidal positions", () => {
  test("side by side they are the paper's formula, at large places too", () => {
    const { value, shape } = sinusoidalPositions(5000, 6);
    expect(shape).toEqual([5000, 6]);
    for (const p of [0, 1, 7, 512, 4999])
      for (let i = 0; i < 3; i++) {
        const angle = p / 10_000 ** ((2 * i) / 6);
        expect(value![p * 6 + 2 * i]).toBeCloseTo(Math.sin(angle), 6);
        expect(value![p * 6 + 2 * i + 1]).toBeCloseTo(Math.cos(angle), 6);
      }
  });

  test("in halves they are Marian's", () => {
    const { value } = sinusoidalPositions(count, dim, { layout: "halves" });
    for (const [r, row] of rows.entries())
      for (let i = 0; i < dim; i++) expect(value![row * dim + i]).toBeCloseTo((values[1] as number[])[r * dim + i]!, 6);
  });

  test("an odd dim is refused", () => {
    expect(() => sinusoidalPositions(3, 5)).toThrow(
      "sinusoidalPositions: dim 5 is odd; sines and cosines come in pairs",
    );
  });
});

test("learned positions are added to any batch of any length", () => {
  const positions = learnedPositions(16, 4);
  expect(positions(input(["batch", "time", 4])).shape).toEqual(["batch", "time", 4]);
  expect(positions.weight.shape).toEqual([16, 4]);
  expect(() => positions(input(["batch", 4]))).toThrow("sizes: expected rank 3 (B T C), got float32[batch, 4]");
});
