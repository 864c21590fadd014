import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Case, fresh, golden, noPython, shared } from "./golden/read.ts";
import {
  type BleuOptions,
  type BleuScore,
  type BleuTokenizer,
  bleu,
  bleuFromStatistics,
  bleuMetric,
  referenceCount,
  type Smoothing,
  sentenceBleu,
} from "./index.ts";

function expectEqual({ options, hypotheses, references, expected }: Case<BleuOptions, BleuScore>): void {
  const { signature, counts, totals, sysLen, refLen, ...numbers } = expected;
  const ours = bleu(hypotheses, references, options);
  const context = { options, hypotheses, references };
  expect({ ...context, ...ours }).toMatchObject({ ...context, counts, totals, sysLen, refLen });
  for (const [name, number] of Object.entries(numbers))
    expect(ours[name as "score"], `${name} of ${JSON.stringify(context)}`).toSatisfy((our) => close(our, number));
  expect(bleuMetric(options).signature(referenceCount(references))).toBe(signature);
}

const close = (ours: unknown, theirs: unknown): boolean =>
  [ours].flat().every((our, i) => Math.abs((our as number) - ([theirs].flat()[i] as number)) < 1e-9);

test("the golden cases have sacreBLEU's scores", () => {
  for (const one of golden<BleuOptions, BleuScore>("bleu")) expectEqual(one);
});

test("sacreBLEU agrees on 1,000 fresh corpora of odd sentences", (context) => {
  if (noPython) context.skip(noPython);
  const seed = Date.now() % 2 ** 31;
  console.log(`bleu: seed ${seed}`);
  for (const one of fresh<BleuOptions, BleuScore>("bleu", { seed, count: 1000, size: 5 })) expectEqual(one);
}, 60_000);

interface Upstream {
  readonly metric: string;
  readonly tolerance: number;
  readonly options: Record<string, unknown>;
  readonly input: {
    readonly hyps: string[];
    readonly refs: string[][];
    readonly hyp: string;
    readonly counts: number[];
    readonly totals: number[];
    readonly hyp_len: number;
    readonly ref_len: number;
  };
  readonly expected: { readonly score: number };
}

describe("sacreBLEU's own tests", () => {
  const path = shared("cases/metrics.json");
  const cases = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Upstream[]) : [];
  const options = ({ options }: Upstream): BleuOptions => ({
    tokenize: (options["tokenize"] as BleuTokenizer) ?? "13a",
    lowercase: options["lowercase"] === true,
    smoothMethod: options["smooth_method"] as Smoothing,
    ...(typeof options["smooth_value"] === "number" ? { smoothValue: options["smooth_value"] } : {}),
    maxNgramOrder: (options["max_ngram_order"] as number) ?? 4,
    effectiveOrder: options["effective_order"] === true,
  });
  const scores: Record<string, (one: Upstream) => number> = {
    bleu: (one) =>
      bleu(
        one.input.hyps,
        one.input.hyps.map((_, i) => one.input.refs.map((stream) => stream[i]!)),
        options(one),
      ).score,
    sentence_bleu: (one) => sentenceBleu(one.input.hyp, one.input.refs.flat(), options(one)).score,
    bleu_from_statistics: (one) => {
      const { counts, totals, hyp_len: sysLen, ref_len: refLen } = one.input;
      return bleuFromStatistics({ counts, totals, sysLen, refLen }, options(one)).score;
    },
  };
  test.each(Object.keys(scores))("%s gives their scores", (metric) => {
    for (const one of cases.filter((one) => one.metric === metric))
      expect(Math.abs(scores[metric]!(one) - one.expected.score), JSON.stringify(one)).toBeLessThan(
        Math.max(one.tolerance, 1e-9),
      );
  });
});

describe("three systems of WMT 2017, English to German", () => {
  const path = shared("mt_wmt17_ende.json");
  interface System {
    readonly system: string;
    readonly hyps: string[];
    readonly expected: Record<string, number> & { sentence_bleu_first: number[] };
  }
  const { refs, systems } = (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { refs: [], systems: [] }) as {
    refs: string[];
    systems: System[];
  };

  test("have the scores that sacreBLEU printed", (context) => {
    if (systems.length === 0) context.skip("../shared/data/metrics is not here");
    for (const { hyps, expected } of systems) {
      for (const tokenize of ["13a", "intl", "char", "none"] as const)
        expect(bleu(hyps, refs, { tokenize }).score).toBeCloseTo(expected[`bleu_${tokenize}`]!, 9);
      expect(bleu(hyps, refs, { lowercase: true }).score).toBeCloseTo(expected["bleu_13a_lowercase"]!, 9);
      for (const [i, score] of expected.sentence_bleu_first.entries())
        expect(sentenceBleu(hyps[i]!, refs[i]!).score).toBeCloseTo(score, 9);
    }
  });
});

describe("what cannot be scored is refused", () => {
  test.each<[string, () => unknown]>([
    ["metrics: 2 hypotheses, but references for 1; give one entry a hypothesis", () => bleu(["a", "b"], ["a"])],
    ["metrics: there are no hypotheses to score", () => bleu([], [])],
    ["metrics: hypothesis 1 has no reference (counted from 0)", () => bleu(["a", "b"], ["a", []])],
    [
      'bleu: no tokenizer is called "14"; there are 13a, none, char, intl, zh',
      () => bleuMetric({ tokenize: "14" as "13a" }),
    ],
    [
      'bleu: no smoothing method is called "add"; there are none, floor, add-k, exp',
      () => bleuMetric({ smoothMethod: "add" as "add-k" }),
    ],
    ["bleu: maxNgramOrder is 0, but must be a whole number ≥ 1", () => bleuMetric({ maxNgramOrder: 0 })],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});

test("a sentence that is its reference scores 100, one without a common word 0", () => {
  expect(bleu(["the cat sat on the mat"], ["the cat sat on the mat"]).score).toBeCloseTo(100, 9);
  expect(bleu(["a b c d"], ["e f g h"]).score).toBe(0);
});
