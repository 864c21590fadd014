/** The cases of sacreBLEU's own tests, and systems of WMT 2017 that it scored, where `../shared/data/metrics` is. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { shared } from "../../test/reference-scores.ts";
import {
  type BleuTokenizer,
  bleu,
  bleuFromStatistics,
  chrf,
  type Smoothing,
  sentenceBleu,
  ter,
  terWords,
} from "./index.ts";

interface Case {
  readonly metric: string;
  readonly tolerance: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: {
    readonly hyps: string[];
    readonly refs: string[][];
    readonly hyp: string;
    readonly text: string;
    readonly counts: number[];
    readonly totals: number[];
    readonly hyp_len: number;
    readonly ref_len: number;
  };
  readonly expected: { readonly score: number; readonly text: string };
}
interface System {
  readonly hyps: string[];
  readonly expected: Readonly<Record<string, number>> & {
    readonly sentence_bleu_first: number[];
    readonly sentence_chrf_first: number[];
  };
}
const read = (path: string) => JSON.parse(readFileSync(shared(path), "utf8"));
const absent = existsSync(shared("cases/metrics.json")) ? undefined : "../shared/data/metrics is not here";

/** The options by our names; those without a value are left out. */
const optionsOf = ({ options }: Case) => {
  const names = Object.entries(options).filter(([, value]) => value !== null);
  return Object.fromEntries(
    names.map(([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value]),
  ) as {
    tokenize: BleuTokenizer;
    smoothMethod: Smoothing;
    removeWhitespace?: boolean;
    normalized: boolean;
    beta: number;
  };
};
/** The references of each hypothesis, from one stream after another. */
const referencesOf = ({ input: { hyps, refs } }: Case) => hyps.map((_, i) => refs.map((stream) => stream[i]!));

const answers: Record<string, (one: Case) => number | string> = {
  bleu: (one) => bleu(one.input.hyps, referencesOf(one), optionsOf(one)).score,
  sentence_bleu: (one) => sentenceBleu(one.input.hyp, one.input.refs.flat(), optionsOf(one)).score,
  bleu_from_statistics(one) {
    const { counts, totals, hyp_len: sysLen, ref_len: refLen } = one.input;
    return bleuFromStatistics({ counts, totals, sysLen, refLen }, optionsOf(one)).score;
  },
  chrf(one) {
    const { removeWhitespace = true, ...options } = optionsOf(one);
    return chrf(one.input.hyps, referencesOf(one), { whitespace: !removeWhitespace, ...options }).score;
  },
  sentence_chrf: (one) => chrf([one.input.hyp], [one.input.refs.flat()], optionsOf(one)).score,
  ter: (one) => ter(one.input.hyps, referencesOf(one)).score,
  ter_tokenizer: (one) => terWords(one.input.text, optionsOf(one)).join(" "),
};

describe("sacreBLEU's own tests", () => {
  test.for(Object.keys(answers))("%s", (metric, context) => {
    if (absent) context.skip(absent);
    const cases = (read("cases/metrics.json") as Case[]).filter((one) => one.metric === metric);
    expect(cases).not.toEqual([]);
    for (const one of cases) {
      const ours = answers[metric]!(one);
      if (typeof ours === "string") expect(ours).toBe(one.expected.text);
      else expect(Math.abs(ours - one.expected.score), JSON.stringify(one)).toBeLessThan(one.tolerance || 1e-9);
    }
  });
});

test("three systems of WMT 2017, English to German, have the scores that sacreBLEU printed", (context) => {
  if (absent) context.skip(absent);
  const { refs, systems } = read("mt_wmt17_ende.json") as { refs: string[]; systems: System[] };
  for (const { hyps, expected } of systems) {
    for (const tokenize of ["13a", "intl", "char", "none"] as const)
      expect(bleu(hyps, refs, { tokenize }).score).toBeCloseTo(expected[`bleu_${tokenize}`]!, 9);
    expect(bleu(hyps, refs, { lowercase: true }).score).toBeCloseTo(expected["bleu_13a_lowercase"]!, 9);
    expect(chrf(hyps, refs).score).toBeCloseTo(expected["chrf"]!, 9);
    expect(chrf(hyps, refs, { wordOrder: 2 }).score).toBeCloseTo(expected["chrf++"]!, 9);
    expect(ter(hyps, refs).score).toBeCloseTo(expected["ter"]!, 9);
    for (const [i, score] of expected.sentence_bleu_first.entries())
      expect(sentenceBleu(hyps[i]!, refs[i]!).score).toBeCloseTo(score, 9);
    for (const [i, score] of expected.sentence_chrf_first.entries())
      expect(chrf([hyps[i]!], [refs[i]!]).score).toBeCloseTo(score, 9);
  }
}, 60_000);
