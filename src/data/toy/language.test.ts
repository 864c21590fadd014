import { describe, expect, test } from "vitest";
import type { Rules } from "./grammar.ts";
import { language } from "./language.ts";

/** Every text of a symbol with its probability, by writing all derivations out. */
function texts(rules: Rules, text: string): Map<string, number> {
  const symbol = /\{(.*?)\}/.exec(text);
  if (!symbol) return new Map([[text, 1]]);
  const rule = rules[symbol[1]!]!;
  const weighted: [string, number][] = Array.isArray(rule) ? rule.map((t: string) => [t, 1]) : Object.entries(rule);
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const all = new Map<string, number>();
  for (const [alternative, weight] of weighted)
    for (const [whole, p] of texts(
      rules,
      text.replace(symbol[0], () => alternative),
    ))
      all.set(whole, (all.get(whole) ?? 0) + (p * weight) / total);
  return all;
}

/** Shannon's entropy of a distribution. */
const entropy = (all: Map<string, number>) => [...all.values()].reduce((sum, p) => sum - p * Math.log(p), 0);

/** How probable each block of n characters is in the endless text, cut anywhere. */
function blocksOf(all: Map<string, number>, n: number): Map<string, number> {
  const meanLength = [...all].reduce((sum, [text, p]) => sum + p * text.length, 0);
  const blocks = new Map<string, number>();
  const extend = (text: string, p: number): void => {
    if (text.length >= n) blocks.set(text.slice(0, n), (blocks.get(text.slice(0, n)) ?? 0) + p);
    else for (const [more, q] of all) extend(text + more, p * q);
  };
  for (const [text, p] of all)
    for (let begin = 0; begin < text.length; begin++) extend(text.slice(begin), p / meanLength);
  return blocks;
}

const grammars: Record<string, Rules> = {
  "two coins": { line: ["{coin}{coin}\n"], coin: ["heads ", "tails "] },
  "a loaded coin": { line: { "heads\n": 3, "tails\n": 1 } },
  "words that begin alike": { line: ["{word}.", "{word} {word}."], word: { an: 1, ant: 2, and: 3 } },
  agreement: { line: ["a cat{far} eats.", "cats{far} eat."], far: { "": 2, " in a hat": 1, " in hats": 1 } },
  "two derivations of one text": { line: ["{a}{b};"], a: ["x", "xy"], b: ["yz", "z"] },
};

describe.each(Object.entries(grammars))("%s", (_, rules) => {
  const source = language(rules, "line");
  const all = texts(rules, "{line}");

  test("has the entropy of its texts, written out", () => {
    const meanLength = [...all].reduce((sum, [text, p]) => sum + p * text.length, 0);
    expect(source.textEntropy).toBeCloseTo(entropy(all), 12);
    expect(source.meanLength).toBeCloseTo(meanLength, 12);
    expect(source.entropyRate).toBeCloseTo(entropy(all) / meanLength, 12);
    expect([...source.alphabet]).toEqual([...new Set([...all.keys()].join(""))].sort());
  });

  test("gives each text its probability, and none to others", () => {
    for (const [text, p] of all) {
      expect(source.logProbability(text)).toBeCloseTo(Math.log(p), 10);
      expect(source.logProbability(text + text)).toBeCloseTo(2 * Math.log(p), 10);
    }
    expect(source.logProbability("?")).toBe(Number.NEGATIVE_INFINITY);
  });

  test("has the floor that the entropies of its blocks give, and it falls towards the entropy rate", () => {
    let last = Number.POSITIVE_INFINITY;
    for (let T = 1; T <= 8; T++) {
      const floor = source.floor(T);
      expect(floor).toBeCloseTo((entropy(blocksOf(all, T + 1)) - entropy(blocksOf(all, 1))) / T, 9);
      expect(floor).toBeLessThanOrEqual(last + 1e-12);
      last = floor;
    }
    expect(source.floor(3000) - source.entropyRate).toBeGreaterThan(-1e-12);
    expect(source.floor(3000) - source.entropyRate).toBeLessThan(0.005);
  });

  test("has the loss in blocks that their probabilities give", () => {
    const text = source.generate(3, 16);
    const p = (block: string) => blocksOf(all, block.length).get(block)!;
    const loss = (block: string) => Math.log(p(block[0]!)) - Math.log(p(block));
    expect(source.blockLoss(text, 6)).toBeCloseTo(
      (loss(text.slice(0, 7)) + loss(text.slice(6, 13)) + loss(text.slice(12, 16))) / 15,
      9,
    );
  });

  test("is generated as it is scored", () => {
    const length = 30_000;
    const text = source.generate(5, length);
    expect(text.length).toBe(length);
    expect(-source.logProbability(text) / length).toBeCloseTo(source.entropyRate, 2);
    expect(source.blockLoss(text, 6)).toBeCloseTo(source.floor(6), 1);
    expect(source.generate(5, 100)).toBe(text.slice(0, 100));
  });
});

describe("a grammar is refused", () => {
  test.each<[string, Rules, string]>([
    ["without a rule it needs", { line: ["{word}\n"] }, "grammar: there is no rule for {word}"],
    ["whose name is every object's", { line: ["{toString}\n"] }, "grammar: there is no rule for {toString}"],
    [
      "that contains itself",
      { line: ["{a}"], a: ["x", "({b})"], b: ["{a}"] },
      "grammar: {a} contains itself (line → a → b → a)",
    ],
    ["whose text may be empty", { line: ["{a}{a}"], a: ["x", ""] }, "grammar: a text of {line} may be empty"],
    [
      "where a text may end and another go on",
      { line: ["a", "ab"] },
      "grammar: a text may end where another goes on; end all with a mark of their own, such as \\n",
    ],
  ])("%s", (_, rules, message) => expect(() => language(rules, "line")).toThrow(message));
});
