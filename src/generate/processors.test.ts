import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { processor } from "./choose.ts";
import { type GenerationFile, generationConfig } from "./generation-config.ts";
import {
  force,
  minP,
  noBadWords,
  noRepeatNgram,
  penalizeRepetition,
  suppress,
  temper,
  topK,
  topP,
} from "./processors.ts";

type Numbers = readonly (number | null)[];
interface Golden {
  readonly alone: readonly {
    readonly function: string;
    readonly arguments: readonly never[];
    readonly text: readonly number[];
    readonly logits: Numbers;
    readonly expected: Numbers;
  }[];
  readonly together: readonly {
    readonly config: GenerationFile;
    readonly prompt: number;
    readonly limit: number;
    readonly texts: readonly (readonly number[])[];
    readonly logits: readonly Numbers[];
    readonly expected: readonly Numbers[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL("golden/processors.json", import.meta.url), "utf8")) as Golden;

const row = (x: Numbers) => Float32Array.from(x, (v) => v ?? Number.NEGATIVE_INFINITY);
function expectEqual(got: Float32Array, expected: Numbers) {
  for (const [i, x] of row(expected).entries())
    if (Number.isFinite(x)) expect(got[i]).toBeCloseTo(x, 5);
    else expect(got[i]).toBe(x);
}

const byText = { penalizeRepetition, noRepeatNgram, noBadWords };
const byLogits = { suppress, force, temper, topK, topP, minP };

describe("each processor equals transformers'", () => {
  for (const [
    i,
    {
      function: name,
      arguments: [argument],
      text,
      logits,
      expected,
    },
  ] of golden.alone.entries())
    test(`${name} ${JSON.stringify(argument)} (${i})`, () => {
      const given = row(logits);
      const got =
        name in byText
          ? byText[name as keyof typeof byText](given, text, argument!)
          : byLogits[name as keyof typeof byLogits](given, argument!);
      expectEqual(got, expected);
      expect(given).toEqual(row(logits));
    });
});

describe("a configuration's processors come in transformers' order", () => {
  for (const { config, prompt, limit, texts, logits, expected } of golden.together)
    test(JSON.stringify(config), () => {
      const process = processor(generationConfig({}, config), { prompt, limit });
      for (const [r, ids] of texts.entries())
        expectEqual(process(row(logits[r]!), { ids }, ids.length - prompt), expected[r]!);
    });
});

test("ids outside the vocabulary are passed over", () => {
  expect(suppress(row([1, 2]), [1, 7])).toEqual(row([1, null]));
  expect(penalizeRepetition(row([1, 2]), [9], 2)).toEqual(row([1, 2]));
});
