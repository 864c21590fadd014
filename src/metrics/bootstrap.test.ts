import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  bleuMetric,
  bootstrap,
  bootstrapSignature,
  type CorpusMetric,
  chrfMetric,
  numpyIntegers,
  pairedBootstrap,
  scored,
  terMetric,
} from "./index.ts";

interface Numbers {
  readonly score: number;
  readonly mean: number;
  readonly margin: number;
}
interface Golden {
  readonly draws: { readonly seed: number; readonly n: number; readonly drawn: number[] }[];
  readonly baseline: string[];
  readonly system: string[];
  readonly references: string[];
  readonly results: Record<
    string,
    { baseline: Numbers; system: Numbers; p: number; printed: string; signature: string }
  >;
}
const golden: Golden = JSON.parse(readFileSync(new URL("golden/bootstrap.json", import.meta.url), "utf8"));
const metrics: Record<string, CorpusMetric> = { bleu: bleuMetric(), chrf: chrfMetric(), ter: terMetric() };

test("integers are drawn as NumPy draws them", () => {
  for (const { seed, n, drawn } of golden.draws) {
    const draw = numpyIntegers(seed, n);
    expect(drawn.map(() => draw())).toEqual(drawn);
  }
});

describe.each(Object.keys(metrics))("%s", (name) => {
  const metric = metrics[name]!;
  const { references } = golden;
  const [baseline, system] = [golden.baseline, golden.system].map((lines) => scored(metric, lines, references));
  const expected = golden.results[name]!;

  test("its interval is the one that sacreBLEU prints", () => {
    const { score, mean, margin } = bootstrap(system!);
    expect(`${score.toFixed(2)} (μ = ${mean.toFixed(2)} ± ${margin.toFixed(2)})`).toBe(expected.printed);
    expect(metric.signature(1, bootstrapSignature())).toBe(expected.signature);
  });

  test("the paired test of two systems has sacreBLEU's numbers", () => {
    const { p, ...both } = pairedBootstrap({
      baseline: baseline!.statistics,
      system: system!.statistics,
      score: system!.score,
    });
    for (const which of ["baseline", "system"] as const)
      for (const name of ["score", "mean", "margin"] as const)
        expect(both[which][name], `${which}'s ${name}`).toBeCloseTo(expected[which][name], 4); // theirs are float32
    expect(p).toBeCloseTo(expected.p, 12);
  });
});

test("any mean of numbers has an interval, wider for fewer examples", () => {
  const right = (examples: number) => Array.from({ length: examples }, (_, i) => [Number(i % 4 > 0), 1] as const);
  const of = (examples: number) =>
    bootstrap({ statistics: right(examples), score: ([hits, all]) => hits! / all! }, { samples: 400 });
  expect(of(400).score).toBe(0.75);
  expect(of(400).margin).toBeCloseTo(1.96 * Math.sqrt((0.75 * 0.25) / 400), 2);
  expect(of(40).margin).toBeGreaterThan(2 * of(400).margin);
  expect(of(40).low).toBeLessThan(0.75);
});

test("a system is not better than itself", () => {
  const rows = [[1], [2], [4]];
  expect(pairedBootstrap({ baseline: rows, system: rows, score: ([sum]) => sum! }, { samples: 99 }).p).toBe(0.01);
});

describe("what cannot be resampled is refused", () => {
  const score = () => 0;
  test.each<[string, () => unknown]>([
    ["bootstrap: there are no examples to draw from", () => bootstrap({ statistics: [], score })],
    [
      "bootstrap: samples is 0, but must be a whole number ≥ 1",
      () => bootstrap({ statistics: [[1]], score }, { samples: 0 }),
    ],
    [
      "bootstrap: the baseline has 1 examples, but the system 2; both need the same ones",
      () => pairedBootstrap({ baseline: [[1]], system: [[1], [2]], score }),
    ],
    ["numpyIntegers: n is 2097153, but must be a whole number from 1 to 2097152", () => numpyIntegers(0, 2 ** 21 + 1)],
    ["numpyIntegers: the seed is -1, but must be a whole number from 0 to 2^53 - 1", () => numpyIntegers(-1, 2)],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});
