import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recurrentTranslator } from "../../test/hand-made.ts";
import { scripted, tinyGpt2 } from "../../test/tiny-decoder.ts";
import { build, gpt2 } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { hash32, keyOf, normal } from "../random.ts";
import { count } from "../tensor/dtype.ts";
import { searchBeams } from "./beam-search.ts";
import {
  beamSearch,
  type GenerateOptions,
  type GenerationFile,
  generateAll,
  generateTokens,
  generationConfig,
  lengthPenaltyOf,
  openDecoder,
  power,
  wuCoverage,
  wuLength,
} from "./index.ts";
import { logSoftmax } from "./sample.ts";

interface Golden {
  readonly sizes: Readonly<Record<string, number>>;
  readonly cases: readonly {
    readonly seed: number;
    readonly config: GenerationFile;
    readonly prompts: readonly (readonly number[])[];
    readonly sequences: readonly (readonly number[])[];
    readonly scores: readonly number[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL("golden/beams.json", import.meta.url), "utf8")) as Golden;

describe("texts and scores are those of transformers' generate", () => {
  const spec = gpt2({ ...golden.sizes });
  const model = build(spec, "GPT2LMHeadModel");
  const params = namedParams(model);
  const weights = new Map([...params].map(([name, { shape }]) => [name, new Float32Array(count(shape))]));
  /** As golden/beams.py makes them. */
  const fill = (seed: number) => {
    for (const [k, name] of [...params.keys()].sort().entries())
      for (let i = 0, view = weights.get(name)!; i < view.length; i++)
        view[i] = ((hash32(1000003 * k + i + seed) / 2 ** 32) * 2 - 1) * 0.9;
  };

  for (let first = 0; first < golden.cases.length; first += 20)
    test(`cases ${first} to ${first + 19}`, async () => {
      await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
      for (const { seed, config, prompts, sequences, scores } of golden.cases.slice(first, first + 20)) {
        fill(seed);
        const options = { defaults: config };
        const longest = Math.max(...prompts.map((ids) => ids.length));
        const rows = await generateAll(decoder, prompts, options);
        const what = `seed ${seed}`;
        expect(
          rows.map((row) => row.slice(longest)),
          what,
        ).toEqual(sequences.map((row) => row.slice(longest)));
        const got = (await beamSearch(decoder, prompts, options)).flat().map(({ score }) => score);
        for (const [i, score] of scores.entries())
          expect(Math.abs(got[i]! - score), what).toBeLessThan(2e-5 * Math.max(1, Math.abs(score)));
      }
    });
});

describe("a search", () => {
  const { model, spec, weights } = tinyGpt2({ n_positions: 32 });
  const open = () => openDecoder(model, spec, weights, { threads: 1 });
  const prompts = [[3], [1, 2, 3, 4, 5], [9, 9]];

  test("finds for a prompt among others what it finds for it alone, drawn or not", async () => {
    await using decoder = await open();
    for (const options of [
      { numBeams: 3, numReturnSequences: 2, eosTokenId: [4, 7, 9, 11] },
      { numBeams: 3, numReturnSequences: 2, eosTokenId: 4, doSample: true, temperature: 2, seed: 5 },
    ]) {
      const together = await beamSearch(decoder, prompts, options);
      for (const [r, prompt] of prompts.entries()) {
        const [alone] = await beamSearch(decoder, [prompt], options);
        expect(alone!.map(({ tokens }) => tokens)).toEqual(together[r]!.map(({ tokens }) => tokens));
        for (const [i, { score }] of alone!.entries()) expect(score).toBeCloseTo(together[r]![i]!.score, 5);
      }
    }
  });

  test("draws beams by a seed", async () => {
    await using decoder = await open();
    const options = { numBeams: 3, doSample: true, temperature: 3, maxNewTokens: 12, seed: 1 };
    const once = await generateAll(decoder, prompts, options);
    expect(await generateAll(decoder, prompts, options)).toEqual(once);
    expect(await generateAll(decoder, prompts, { ...options, seed: 2 })).not.toEqual(once);
  });

  test("scores a text by the sum of its tokens' log-probabilities over a function of its length", async () => {
    await using decoder = await open();
    const decoding = await decoder.begin([[1, 2, 3]]);
    const [[best]] = (await beamSearch(decoder, [[1, 2, 3]], {
      numBeams: 4,
      maxNewTokens: 6,
      lengthPenalty: wuLength(0.6),
    })) as [[{ tokens: number[]; score: number }]];
    let sum = 0;
    for (const token of best.tokens) {
      sum += logSoftmax(decoding.logits)[token]!;
      await decoding.step([token]);
    }
    expect(best.score).toBeCloseTo(sum / ((5 + 6) / 6) ** 0.6, 5);
  });

  test("an abort ends it between two tokens, with its reason", async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const decoder = scripted({
      vocabulary: 5,
      logits: (ids) => {
        if (ids.length > 3) abort.abort(reason);
        return [1, 2, 3, 4, 5];
      },
    });
    const options = { numBeams: 2, maxNewTokens: 1e6, signal: abort.signal };
    await expect(beamSearch(decoder, [[1]], options)).rejects.toBe(reason);
  });
});

/** Logits that look random, and are a function of the text. */
const random = (seed: number, vocabulary: number, spread = 2) =>
  scripted({
    vocabulary,
    logits: (ids) => Array.from({ length: vocabulary }, (_, i) => spread * normal(keyOf(seed, "logits", ...ids), i)),
  });

test("a search with one beam finds what greedy decoding does", async () => {
  const places = fc.record({ seed: fc.nat(1e6), vocabulary: fc.integer({ min: 3, max: 9 }), eos: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(places, async ({ seed, vocabulary, eos }) => {
      const decoder = random(seed, vocabulary);
      const rows = [[1], [0, 1], [2]];
      const options: GenerateOptions = { maxNewTokens: 7, eosTokenId: eos, padTokenId: eos };
      const greedy = await generateAll(decoder, rows, options);
      // the first text to end is taken: a search would go on to look for better ones
      const config = { ...generationConfig(options), earlyStopping: true };
      const found = await searchBeams(decoder, { rows, source: undefined }, config);
      for (const [r, [best]] of found.entries()) {
        const text = greedy[r]!.slice(2);
        expect(best!.tokens).toEqual(text.slice(0, text.includes(eos) ? text.indexOf(eos) + 1 : undefined));
      }
    }),
    { numRuns: 40 },
  );
});

test("a beam as wide as there are texts finds the best of all of them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1e6), fc.constantFrom(-0.5, 0, 1, 2), async (seed, exponent) => {
      const [V, T, eos] = [3, 4, 0];
      const decoder = random(seed, V);
      const texts: { tokens: number[]; score: number }[] = [];
      const extend = async (tokens: number[], sum: number): Promise<void> => {
        if (tokens.at(-1) === eos || tokens.length === T)
          return void texts.push({ tokens, score: sum / tokens.length ** exponent });
        const { logits } = await decoder.begin([[1, ...tokens]]);
        const log = logSoftmax(logits);
        for (let token = 0; token < V; token++) await extend([...tokens, token], sum + log[token]!);
      };
      await extend([], 0);
      texts.sort((a, b) => b.score - a.score);
      const options = { numBeams: V ** (T - 1), maxNewTokens: T, eosTokenId: eos, earlyStopping: "never" } as const;
      const [found] = await beamSearch(decoder, [[1]], { ...options, lengthPenalty: exponent, numReturnSequences: 5 });
      expect(found!.map(({ tokens }) => tokens)).toEqual(texts.slice(0, 5).map(({ tokens }) => tokens));
      for (const [i, { score }] of found!.entries()) expect(score).toBeCloseTo(texts[i]!.score, 4);
    }),
    { numRuns: 15 },
  );
});

test("length penalties are functions, and have names", () => {
  expect(power(2)(3)).toBe(9);
  expect(wuLength(1)(7)).toBe(2);
  expect(lengthPenaltyOf("1.5")?.(4)).toBe(8);
  expect(lengthPenaltyOf("wu:0.5")?.(19)).toBe(2);
  for (const wrong of ["", "wu:", "wu", "long", "NaN", " "]) expect(lengthPenaltyOf(wrong)).toBeUndefined();
});

describe("coverage", () => {
  const values = (rows: readonly (readonly number[])[]) => ({
    dtype: "int64" as const,
    dims: [rows.length, rows[0]!.length],
    data: BigInt64Array.from(rows.flat(), BigInt),
  });
  const source = {
    input_ids: values([
      [4, 5, 6],
      [7, 8, 0],
    ]),
    attention_mask: values([
      [1, 1, 1],
      [1, 1, 0],
    ]),
  };

  test("is the attention of all steps at real places of the source, and changes what is found", async () => {
    const { model, spec, weights } = recurrentTranslator();
    await using decoder = await openDecoder(model, spec, weights, { threads: 1, taps: ["cross_attentions"] });
    const options = { numBeams: 3, maxNewTokens: 4, decoderStartTokenId: 1 };
    const seen: number[][] = [];
    const coveragePenalty = (attention: Float32Array) => {
      seen.push([...attention]);
      return 0;
    };
    const plain = await beamSearch(decoder, { source }, options);
    expect(await beamSearch(decoder, { source }, { ...options, coveragePenalty })).toEqual(plain);
    expect(new Set(seen.map(({ length }) => length))).toEqual(new Set([2, 3]));
    for (const attention of seen) expect(attention.reduce((a, b) => a + b)).toBeCloseTo(4, 5);
    const strict = await beamSearch(decoder, { source }, { ...options, coveragePenalty: wuCoverage(50) });
    expect(strict).not.toEqual(plain);
  });

  test("a place that was looked at once or more costs nothing, one never looked at much", () => {
    expect(wuCoverage(0.2)(Float32Array.of(1, 3))).toBe(0);
    expect(wuCoverage(0.5)(Float32Array.of(Math.exp(-2), 1))).toBeCloseTo(-1, 5);
    expect(wuCoverage(1)(Float32Array.of(0, 1))).toBeCloseTo(Math.log(1e-9), 5);
  });

  test("needs the attention", async () => {
    const { model, spec, weights } = recurrentTranslator();
    await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
    const options = { numBeams: 2, decoderStartTokenId: 1, coveragePenalty: wuCoverage(1) };
    await expect(beamSearch(decoder, { source }, options)).rejects.toThrow(
      'generate: coveragePenalty needs the attention to the source; open the decoder of a model that has one with taps: ["cross_attentions"]',
    );
  });

  test("a source's texts begin with decoderStartTokenId, else with bosTokenId", async () => {
    const { model, spec, weights } = recurrentTranslator();
    await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
    const started = await generateAll(decoder, { source }, { decoderStartTokenId: 2, bosTokenId: 1, maxNewTokens: 3 });
    expect(started.map(([id]) => id)).toEqual([2, 2]);
    expect(await generateAll(decoder, { source }, { bosTokenId: 2, maxNewTokens: 3 })).toEqual(started);
    expect(await generateAll(decoder, { source, rows: [[2], [2]] }, { maxNewTokens: 3 })).toEqual(started);
    await expect(generateAll(decoder, { source }, {})).rejects.toThrow(
      "generate: there is no decoderStartTokenId for texts to begin with; give it, or rows of ids",
    );
  });
});

test("what cannot be searched is told with the numbers that disagree", async () => {
  const decoder = random(1, 3);
  await expect(beamSearch(decoder, [[1]], { numBeams: 10, maxNewTokens: 2 })).rejects.toThrow(
    "generate: numBeams is 10, but 2 new tokens of a vocabulary of 3 make no more than 9 texts; set numBeams to at most that",
  );
  await expect(beamSearch(decoder, [[1]], { numBeams: 2, eosTokenId: [0, 1, 2] })).rejects.toThrow(
    "generate: 3 eosTokenIds leave none of the vocabulary's 3 tokens to go on with",
  );
  await expect(beamSearch(decoder, [[1]], { numBeams: 2, suppressTokens: [0, 1, 2] })).rejects.toThrow(
    "generate: no token is left to choose from: every one is suppressed, forbidden or a repetition",
  );
  await expect(generateTokens(decoder, [[1]], { numBeams: 2 }).next()).rejects.toThrow(
    "generate: numBeams is 2, and a search knows its text only in the end; use generateAll or beamSearch, or numBeams: 1",
  );
  const broken = scripted({ vocabulary: 3, logits: () => [0, Number.NaN, 0] });
  await expect(beamSearch(broken, [[1]], { numBeams: 2 })).rejects.toThrow(
    "generate: a logit is NaN; are the weights finite, and is the temperature not too small?",
  );
});
