import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Case, fresh, golden, noPython } from "../../test/reference-scores.ts";
import {
  type BleuOptions,
  bleu,
  bleuMetric,
  type ChrfOptions,
  type CorpusMetric,
  cerMetric,
  chrfMetric,
  corpusScore,
  referenceCount,
  type TerTokenizerOptions,
  terMetric,
  werMetric,
} from "./index.ts";

const metrics: Record<string, (options: object) => CorpusMetric> = {
  bleu: (options: BleuOptions) => bleuMetric(options),
  chrf: (options: ChrfOptions) => chrfMetric(options),
  ter: (options: TerTokenizerOptions) => terMetric(options),
  wer: () => werMetric,
  cer: () => cerMetric,
};

function expectEqual(metric: CorpusMetric, { options, hypotheses, references, expected }: Case): void {
  const context = { expected, options, hypotheses, references };
  const { signature, ...numbers } = expected;
  const ours: Record<string, unknown> = corpusScore(metric, hypotheses, references);
  for (const [name, number] of Object.entries(numbers))
    expect([ours[name], name, context]).toSatisfy(([our]) => close(our, number));
  if (signature) expect(metric.signature(referenceCount(references))).toBe(signature);
}

/** Equal texts, and numbers to nine digits behind the point. */
const close = (ours: unknown, theirs: unknown): boolean =>
  typeof theirs === "number"
    ? Math.abs((ours as number) - theirs) < 1e-9
    : Array.isArray(theirs)
      ? theirs.every((their, i) => close((ours as unknown[])[i], their))
      : ours === theirs;

describe.each(Object.keys(metrics))("%s", (name) => {
  const one = (one: Case): Case =>
    name === "wer" || name === "cer" ? { ...one, references: one.references.map(([first]) => [first!]) } : one;

  test("gives the golden cases their reference's scores", () => {
    for (const found of golden(name)) expectEqual(metrics[name]!(found.options), one(found));
  });

  test("gives fresh odd sentences their reference's scores", (context) => {
    if (noPython) context.skip(noPython);
    const seed = Date.now() % 2 ** 31;
    console.log(`${name}: seed ${seed}`);
    for (const found of [
      ...fresh(name, { seed, count: 200, size: 5 }),
      ...fresh(name, { seed, count: 10, size: 3, longest: 70 }),
    ])
      expectEqual(metrics[name]!(found.options), one(found));
  }, 60_000);

  test("the order of the sentences does not matter, and a reference scores as well as can be", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "b", "c ", " ", "d."), minLength: 1 });
    const metric = metrics[name]!({ effectiveOrder: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(line, line), { minLength: 1 }), (pairs) => {
        const score = (all: typeof pairs) =>
          corpusScore(
            metric,
            all.map(([ours]) => ours),
            all.map(([, theirs]) => theirs),
          ).score;
        expect(score(pairs.toReversed())).toBeCloseTo(score(pairs), 9);
        const itself = score(pairs.map(([, theirs]) => [theirs, theirs]));
        const best = name === "bleu" || name === "chrf" ? 100 : 0;
        if (pairs.some(([, theirs]) => /\S/.test(theirs))) expect(itself).toBeCloseTo(best, 9);
      }),
    );
  });
});

describe("what cannot be scored is refused", () => {
  test.each<[string, () => unknown]>([
    ["metrics: 2 hypotheses, but references for 1; give one entry a hypothesis", () => bleu(["a", "b"], ["a"])],
    ["metrics: there are no hypotheses to score", () => bleu([], [])],
    ["metrics: hypothesis 1 has no reference (counted from 0)", () => bleu(["a", "b"], ["a", []])],
    ["chrf: charOrder is 1.5, but must be a whole number ≥ 0", () => chrfMetric({ charOrder: 1.5 })],
    ["chrf: charOrder and wordOrder are both 0; one must be more", () => chrfMetric({ charOrder: 0 })],
  ])("%s", (message, act) => {
    expect(act).toThrow(message);
  });
});
