import fc from "fast-check";
import { expect, test } from "vitest";
import { chop, strangeText } from "../../../test/strange-text.ts";
import { trainUnigramTokenizer } from "../index.ts";
import { trieOf } from "../models/unigram.ts";
import { lattice } from "./unigram-lattice.ts";
import { seedPieces } from "./unigram-seeds.ts";
import { trainUnigram } from "./unigram-trainer.ts";

const counts = (words: Record<string, number>) => new Map(Object.entries(words));
const seeds = (words: Record<string, number>, maxPieceLength = 16) =>
  seedPieces(counts(words), { maxPieceLength, seedSize: 100 }).map(({ piece, score }) => [piece, score]);

test("seeds are characters, then substrings that occur twice and go on differently, by frequency times length", () => {
  expect(seeds({ abcx: 3, abcy: 1, bcz: 1 })).toEqual([
    ["c", 5],
    ["b", 5],
    ["a", 4],
    ["x", 3],
    ["z", 1],
    ["y", 1],
    ["bc", 6],
    ["abc", 6],
  ]);
  expect(seeds({ abcx: 1, abcy: 1 }, 2).map(([piece]) => piece)).not.toContain("abc");
});

/** Every substring of two to `longest` characters that occurs twice and is followed by different characters. */
function slowSeeds(words: readonly string[], longest: number): [string, number][] {
  const found = new Map<string, { count: number; next: Set<string> }>();
  for (const word of words) {
    const characters = [...word, "\0"];
    for (let i = 0; i < characters.length - 1; i++)
      for (let length = 2; length <= longest && i + length < characters.length; length++) {
        const piece = characters.slice(i, i + length).join("");
        const entry = found.get(piece) ?? { count: 0, next: new Set<string>() };
        found.set(piece, { count: entry.count + 1, next: entry.next.add(characters[i + length]!) });
      }
  }
  const branching = [...found].filter(([, { next }]) => next.size > 1);
  return branching.map(([piece, { count }]): [string, number] => [piece, count * [...piece].length]);
}

test("the suffix array finds what trying all substrings finds", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "😀"), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 2, max: 8 }),
      (words, most) => {
        const all = seedPieces(new Map(words.map((word) => [word, 1])), { maxPieceLength: most, seedSize: 10_000 });
        const longer = all.filter(({ piece }) => [...piece].length > 1).map(({ piece, score }) => [piece, score]);
        expect(longer.sort()).toEqual(slowSeeds(words, most).sort());
      },
    ),
  );
});

/** Every way to cut a word, with its score. */
function paths(word: string, score: ReadonlyMap<string, number>): { pieces: string[]; score: number }[] {
  if (word === "") return [{ pieces: [], score: 0 }];
  return [...score].flatMap(([piece, s]) =>
    word.startsWith(piece)
      ? paths(word.slice(piece.length), score).map((rest) => ({
          pieces: [piece, ...rest.pieces],
          score: s + rest.score,
        }))
      : [],
  );
}

test("the lattice's sums and best paths are those of all paths", () => {
  const score = new Map(["a", "b", "ab", "ba", "aba", "bb"].map((piece, i) => [piece, -1 - ((i * 7) % 5) / 3]));
  const pieces = [...score.keys()];
  const { marginals, best, secondBest } = lattice(
    trieOf(new Map(pieces.map((piece, id) => [piece, id]))),
    Float64Array.from(score.values()),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 }), (word) => {
      const all = paths(word, score).sort((x, y) => y.score - x.score);
      const total = all.reduce((sum, path) => sum + Math.exp(path.score), 0);
      const expected = new Float64Array(pieces.length);
      marginals(word, 3, expected);
      for (const [id, piece] of pieces.entries()) {
        const uses = all.map((path) => Math.exp(path.score) * path.pieces.filter((p) => p === piece).length);
        expect(expected[id]).toBeCloseTo((3 * uses.reduce((sum, x) => sum + x, 0)) / total, 9);
      }
      const scoreOf = (ids: readonly number[]) => ids.reduce((sum, id) => sum + score.get(pieces[id]!)!, 0);
      expect(scoreOf(best(word))).toBeCloseTo(all[0]!.score, 9);
    }),
  );
  expect(secondBest("ab")).toEqual([0, 1]);
  expect(secondBest("a")).toEqual([]);
});

test("a piece that is better in parts is told so", () => {
  const ids = new Map(["a", "b", "ab"].map((piece, id) => [piece, id]));
  expect(lattice(trieOf(ids), Float64Array.of(-1, -1, -9)).secondBest("ab")).toBe("split");
});

test("special tokens come first, all characters are kept, and the vocabulary is as large as asked", () => {
  const words = counts({ "▁the": 90, "▁then": 20, "▁there": 30, "▁hen": 10, "▁é": 1 });
  const vocab = trainUnigram(words, { vocabSize: 12, specialTokens: ["<unk>", "</s>"] });
  const tokens = vocab.map(([token]) => token);
  expect(tokens.slice(0, 2)).toEqual(["<unk>", "</s>"]);
  expect(tokens).toEqual(expect.arrayContaining(["▁", "t", "h", "e", "n", "r", "é", "▁the"]));
  expect(tokens.length).toBeLessThanOrEqual(12);
  const scores = vocab.slice(2).map(([, score]) => score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test("a vocabulary smaller than the alphabet is refused", () => {
  expect(() => trainUnigram(counts({ abc: 1 }), { vocabSize: 3, specialTokens: ["<s>"] })).toThrow(
    "trainUnigram: vocabSize is 3, but there are 1 special tokens and 3 characters; raise it",
  );
});

test("the same text in chunks gives the same tokenizer, which says every text made of its characters", async () => {
  await fc.assert(
    fc.asyncProperty(strangeText, fc.array(fc.nat(200)), async (text, cuts) => {
      fc.pre(!text.includes("<unk>")); // which is a token where it is written
      const options = { vocabSize: 600 };
      const whole = await trainUnigramTokenizer(`x ${text}\n${text}`, options);
      const inChunks = await trainUnigramTokenizer(chop(`x ${text}\n${text}`, cuts), options);
      expect(inChunks.toJson()).toEqual(whole.toJson());
      const { ids } = whole.encode(`x ${text}`);
      expect(ids).not.toContain(whole.tokenToId("<unk>"));
    }),
    { numRuns: 20 },
  );
});
