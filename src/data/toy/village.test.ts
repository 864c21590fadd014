import { describe, expect, test } from "vitest";
import { village, villageRules } from "./village.ts";

const { alphabet, entropyRate, textEntropy, meanLength, generate, logProbability, floor, blockLoss } = village();
const text = generate(1, 200_000);
const lines = text.split("\n").slice(0, -1);

describe("the village's entropy", () => {
  test("is its derivations', so no two of them write the same line", () => {
    const derivation = (symbol: string): number => {
      const rule = villageRules[symbol]!;
      const weighted: [string, number][] = Array.isArray(rule) ? rule.map((t: string) => [t, 1]) : Object.entries(rule);
      const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
      const inside = (part: string) => [...part.matchAll(/\{(.*?)\}/g)].reduce((sum, [, s]) => sum + derivation(s!), 0);
      return weighted.reduce((sum, [part, w]) => sum + (w / total) * (inside(part) - Math.log(w / total)), 0);
    };
    expect(textEntropy).toBeCloseTo(derivation("line"), 9);
    expect(entropyRate).toBeCloseTo(textEntropy / meanLength, 12);
  });

  test("is the mean surprise of what it generates", () => {
    const surprises = lines.map((line) => -logProbability(`${line}\n`));
    const mean = surprises.reduce((a, b) => a + b) / lines.length;
    const variance = surprises.reduce((sum, s) => sum + (s - mean) ** 2, 0) / lines.length;
    expect(Math.abs(mean - textEntropy) / Math.sqrt(variance / lines.length)).toBeLessThan(4);
  });

  test("leaves a small model something to learn and something to guess: 0.3 to 0.8 nats a character", () => {
    expect(entropyRate).toBeGreaterThan(0.3);
    expect(entropyRate).toBeLessThan(0.8);
    expect(alphabet.length).toBeLessThanOrEqual(42);
  });

  test("costs a model with blocks of 64 about a seventh more, and the text at hand what is expected", () => {
    expect(floor(64) / entropyRate).toBeGreaterThan(1.1);
    expect(floor(64) / entropyRate).toBeLessThan(1.2);
    expect(floor(256)).toBeLessThan(floor(64));
    expect(Math.abs(blockLoss(text, 64) / floor(64) - 1)).toBeLessThan(0.01);
  });
});

describe("in the village", () => {
  const matches = (pattern: RegExp) =>
    lines.flatMap((line) => [pattern.exec(line)?.slice(1) ?? []]).filter((m) => m.length > 0);

  test("every line is short enough for a block of 64", () => {
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(64);
  });

  test("verbs agree with their subject across what stands between", () => {
    const found = matches(/^The \w+ (\w+?)(s?) (?:(?:with|by|in|near|past) the \w+ )?(\w+) (?:at )?\w+\.$/);
    expect(found.length).toBeGreaterThan(1000);
    for (const [, many, verb] of found) expect(verb!.endsWith("s")).toBe(many === "");
  });

  test("pronouns agree with whom and what was named", () => {
    const found = matches(/^(\w+) \w+ (\w+) \w+ \w+\. (She|He) \w+ (it|them) /);
    expect(found.length).toBeGreaterThan(1000);
    for (const [who, count, pronoun, what] of found) {
      expect(pronoun).toBe((villageRules["woman"] as string[]).includes(who!) ? "She" : "He");
      expect(what).toBe(count === "a" ? "it" : "them");
    }
  });

  test("quotation marks close", () => {
    for (const line of lines) expect(/^"[^"]+[?!]" (asks|shouts) \w+\.$|^[^"]+$/.test(line)).toBe(true);
  });

  test("seeds give different texts, and the same seed the same", () => {
    expect(generate(1, 1000)).toBe(text.slice(0, 1000));
    expect(generate(2, 1000)).not.toBe(text.slice(0, 1000));
  });
});
