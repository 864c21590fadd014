import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COUNT, waysOf } from "./dates.ts";
import { elman } from "./elman.ts";
import { toyPairs, toyRows, toys, toyText } from "./toys.ts";

const names = Object.keys(toys);

describe.each(names)("%s", (name) => {
  const { train, held } = toyRows(`${name},rows=2000,held=300`);

  test("its held-out rows are none of those to train on, whatever the seeds", () => {
    const sources = new Set(held.map(({ source }) => source));
    for (const seed of [0, 1, 2])
      expect(
        toyRows(`${name},rows=1000,held=1,seed=${seed}`).train.filter(({ source }) => sources.has(source)),
      ).toEqual([]);
  });

  test("its rows follow from the seed, and each other seed has others", () => {
    const again = toyRows(`${name},rows=20,held=300`);
    expect(again).toEqual({ train: train.slice(0, 20), held });
    expect(toyRows(`${name},rows=20,held=300,seed=1`).train).not.toEqual(again.train);
  });

  test("a source has one answer: all of them can be right", () => {
    const answers = new Map<string, string>();
    for (const { source, target } of [...train, ...held]) {
      expect(answers.get(source) ?? target).toBe(target);
      answers.set(source, target);
    }
  });

  test("its lines can be cut back into rows, and their floor is what the sources cost", () => {
    const { held: text, floor } = toyText(`${name},rows=1,held=300`);
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => line.split("="))).toEqual(held.map(({ source, target }) => [source, target]));
    expect(floor(64) * text.length).toBeCloseTo(
      held.reduce((sum, { nats }) => sum + nats, 0),
      6,
    );
    expect(floor(64)).toBeGreaterThan(0);
  });
});

describe("answers", () => {
  const rowsOf = (asked: string) => toyRows(`${asked},rows=300,held=1`).train;

  test("copy, reverse and sort write the letters again", () => {
    for (const { source, target } of rowsOf("copy,length=1-5,symbols=26")) expect(target).toBe(source);
    for (const { source, target } of rowsOf("reverse")) expect([...target].reverse().join("")).toBe(source);
    for (const { source, target } of rowsOf("sort")) {
      expect([...target].every((letter, i) => i === 0 || target[i - 1]! <= letter)).toBe(true);
      expect([...target].sort()).toEqual([...source].sort());
    }
  });

  test("lengths and symbols are those asked for", () => {
    const lengths = rowsOf("copy,length=3-6,symbols=4").map(({ source }) => source.length);
    expect([...new Set(lengths)].sort()).toEqual([3, 4, 5, 6]);
    for (const { source } of rowsOf("copy,length=9,symbols=4")) expect(source).toMatch(/^[abcd]{9}$/);
  });

  test("parity's last bit is that of the whole row", () => {
    for (const { source, target } of rowsOf("parity")) {
      expect(target).toHaveLength(source.length);
      expect(Number(target.at(-1))).toBe(source.replaceAll("0", "").length % 2);
    }
  });

  test("brackets close in the order they opened, no more than allowed stand open", () => {
    for (const { source, target } of rowsOf("dyck,depth=3,kinds=4")) {
      let text = source;
      for (let before = ""; before !== text; ) {
        before = text;
        text = text.replaceAll(/\(\)|\[\]|\{\}|<>/g, "");
      }
      expect(text).toBe("");
      expect(target.at(-1)).toBe("0");
      expect(Math.max(...[...target].map(Number))).toBeLessThanOrEqual(3);
    }
  });

  test("sums are right", () => {
    for (const { source, target } of rowsOf("addition,digits=1-15")) {
      const [a, b] = source.split("+").map(BigInt) as [bigint, bigint];
      expect(BigInt(target)).toBe(a + b);
    }
  });

  test("copy memory waits as long as it is told", () => {
    for (const { source, target } of rowsOf("copy-memory,delay=100,length=5"))
      expect(source).toBe(target + ".".repeat(100));
  });
});

describe("dates", () => {
  test("no text is the way of two days, and every ISO date is the day's", () => {
    const days = new Map<string, number>();
    for (let index = 0; index < COUNT; index++) {
      const { ways, iso } = waysOf(index);
      expect(Date.parse(iso)).toBe(Date.UTC(1950, 0, 1 + index));
      for (const way of ways) {
        if ((days.get(way) ?? index) !== index) throw new Error(`${way} is ${iso} and ${waysOf(days.get(way)!).iso}`);
        days.set(way, index);
      }
    }
    expect(waysOf(COUNT - 1).iso).toBe("2049-12-31");
    expect(days.size).toBeGreaterThan(29 * COUNT);
  }, 60_000);

  test("they read as people write them", () => {
    const { ways, iso } = waysOf((Date.UTC(1995, 2, 3) - Date.UTC(1950, 0, 1)) / 86_400_000);
    expect(iso).toBe("1995-03-03");
    expect(ways).toContain("Friday the 3rd of March 1995");
    expect(ways).toContain("3-mar-95");
    expect(ways).toContain("3.3.1995");
    const ordinals = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30].map((d) => waysOf(d - 1).ways[1]!.split(" ")[0]);
    expect(ordinals).toEqual("1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 30th".split(" "));
  });
});

test("what a row costs is what its draws cost, a logarithm a letter", () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 8 }), fc.integer({ min: 5, max: 26 }), (length, symbols) => {
      const [row] = toyRows(`sort,length=${length},symbols=${symbols},rows=1,held=1`).train;
      expect(row!.nats).toBeCloseTo(length * Math.log(symbols), 9);
    }),
  );
});

test("pairs are the rows' two sides", () => {
  const { train, held } = toyRows("addition,rows=5,held=2");
  expect(toyPairs("addition,rows=5,held=2")).toEqual({
    train: { source: train.map(({ source }) => source), target: train.map(({ target }) => target) },
    held: { source: held.map(({ source }) => source), target: held.map(({ target }) => target) },
  });
});

test("Elman's sentences have a loss that no model can be below", () => {
  const language = elman();
  expect(language.textEntropy).toBeCloseTo(Math.log(16) + (39 / 16) * Math.LN2, 9);
  const text = language.generate(0, 2000);
  expect(
    text
      .split("\n")
      .slice(0, -1)
      .every((line) => /^\w+ \w+( \w+)?$/.test(line)),
  ).toBe(true);
  expect(language.blockLoss(text, 64)).toBeGreaterThan(language.entropyRate * 0.9);
  expect(language.logProbability("dragon eat man\n")).toBeCloseTo(Math.log(1 / 16 / 4), 9);
  expect(language.logProbability("dragon eat rock\n")).toBe(Number.NEGATIVE_INFINITY);
});

test("a language is a text whose held-out part has another beginning, and an exact floor", () => {
  const { train, held, floor } = toyText("elman,characters=5000,held=3000");
  expect([train.length, held.length]).toEqual([5000, 3000]);
  expect(train.slice(0, 100)).not.toBe(held.slice(0, 100));
  expect(floor(64)).toBe(elman().blockLoss(held, 64));
  expect(() => toyText("date")).toThrow(`toy: there is no "date"; there are ${names.join(", ")}, elman, village`);
});

describe("what cannot be made is refused", () => {
  test.each([
    ["elman", `toy: there are no pairs called "elman"; there are ${names.join(", ")}`],
    ["copy,size=3", 'toy:copy: there is no option "size"; there are length, symbols, rows, held, seed'],
    ["copy,length=0", 'toy:copy: length is "0", but must be a whole number or two (5-8) from 1 to 1000'],
    ["copy,length=9-3", 'toy:copy: length is "9-3", but must be a whole number or two (5-8) from 1 to 1000'],
    ["copy,length", 'toy:copy: length is "", but must be a whole number or two (5-8) from 1 to 1000'],
    ["dyck,length=1,kinds=1,rows=1", "toy:dyck: there are too few different rows to hold some out; make them longer"],
  ])("%s", (asked, message) => {
    expect(() => toyRows(asked)).toThrow(message);
  });
});
