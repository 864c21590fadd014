import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { solve } from "./least-squares.ts";
import { baselineForecasts } from "./series-baselines.ts";

describe("least squares", () => {
  const number = fc.double({ min: -100, max: 100, noNaN: true });

  test("the residual is orthogonal to every column", () => {
    const shape = fc.tuple(fc.integer({ min: 4, max: 12 }), fc.integer({ min: 1, max: 4 }));
    const system = shape.chain(([n, k]) =>
      fc.tuple(
        fc.array(fc.array(number, { minLength: k, maxLength: k }), { minLength: n, maxLength: n }),
        fc.array(number, { minLength: n, maxLength: n }),
      ),
    );
    fc.assert(
      fc.property(system, ([rows, values]) => {
        const weights = solve(rows, values);
        const residual = rows.map((row, i) => values[i]! - row.reduce((sum, x, j) => sum + x * weights[j]!, 0));
        const size = Math.hypot(...values) + Math.hypot(...residual) + 1;
        for (const j of weights.keys()) {
          const along = rows.reduce((sum, row, i) => sum + row[j]! * residual[i]!, 0);
          expect(Math.abs(along)).toBeLessThan(1e-6 * size * (Math.hypot(...rows.map((row) => row[j]!)) + 1));
        }
      }),
    );
  });

  test("weights are found again, and collinear columns are no failure", () => {
    const rows = Array.from({ length: 9 }, (_, i) => [1, i, i * i]);
    const found = solve(
      rows,
      rows.map(([a, b, c]) => 3 * a! - 2 * b! + 0.5 * c!),
    );
    for (const [i, weight] of [3, -2, 0.5].entries()) expect(found[i]).toBeCloseTo(weight, 9);
    const twice = rows.map(([, b]) => [b!, 2 * b!, 1]);
    expect([
      ...solve(
        twice,
        rows.map(([, b]) => 4 * b! + 1),
      ),
    ]).toEqual([expect.closeTo(4, 9), 0, expect.closeTo(1, 9)]);
  });
});

describe("baselines", () => {
  const given = { border: 40, end: 50, season: 4, order: 3 };

  test("naive forecasts say what was a step or a season ago", () => {
    const values = Float64Array.from({ length: 50 }, (_, i) => i ** 2);
    const forecasts = baselineForecasts(values, given);
    expect([...forecasts["naive"]!]).toEqual([...values.slice(39, 49)]);
    expect([...forecasts["seasonal naive (4)"]!]).toEqual([...values.slice(36, 46)]);
  });

  test("the line goes on straight, and an autoregression goes on as the series does", () => {
    const line = Float64Array.from({ length: 50 }, (_, i) => 5 - 3 * i);
    const wave = Float64Array.from({ length: 50 }, (_, i) => 2 + Math.sin(i) - 0.5 * Math.cos(i));
    const near = (a: Float64Array, b: Float64Array) => a.forEach((x, i) => void expect(x).toBeCloseTo(b[i]!, 7));
    near(baselineForecasts(line, given)["linear regression"]!, line.slice(40));
    near(baselineForecasts(line, given)["AR(3)"]!, line.slice(40));
    near(baselineForecasts(wave, given)["AR(3)"]!, wave.slice(40)); // a wave needs two steps back, and a constant
  });

  test("what the training part is too short for is left out", () => {
    const values = Float64Array.of(1, 2, 3, 4, 5);
    expect(Object.keys(baselineForecasts(values, { border: 3, end: 5, season: 4, order: 2 }))).toEqual([
      "naive",
      "linear regression",
    ]);
  });
});
