import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { below } from "../random.ts";
import { countTokens } from "./counts.ts";
import { lossesByOrder, ngram, sampleNgram, smoothings } from "./index.ts";

const letters = (text: string) => Array.from(text, (c) => "abcdr".indexOf(c));

describe("counting", () => {
  test("says how often each row of up to n tokens stands in a text, and behind how many others", () => {
    const { trie, counts, continuations } = countTokens(letters("abracadabra"), { order: 3, vocabulary: 5 });
    const node = (row: string) => letters(row).reduce((at, token) => trie.child(at, token), 0);
    const rows = ["a", "b", "ab", "bra", "ra"];
    expect(rows.map((row) => counts[node(row)])).toEqual([5, 2, 2, 2, 2]);
    expect(rows.map((row) => continuations[node(row)])).toEqual([3, 1, 1, 0, 1]); // before "a": r, c, d; "bra" is full
    expect(node("cb")).toBe(-1);
  });

  test("an order below 1, a text without tokens and an id outside the vocabulary are refused", () => {
    expect(() => ngram([1], { order: 0, vocabulary: 2 })).toThrow(
      "ngram: the order is 0, but must be a whole number from 1 to 64",
    );
    expect(() => ngram([], { vocabulary: 2 })).toThrow("ngram: the text has no tokens to count");
    expect(() => ngram([3], { vocabulary: 2 })).toThrow("ngram: id 3 is outside a vocabulary of 2");
    expect(() => ngram([1], { vocabulary: 2 }).loss([])).toThrow("ngram: the text has no tokens to score");
    expect(() => ngram([1], { vocabulary: 2, k: 0, smoothing: "add-k" })).toThrow(
      "ngram: k is 0, but must be a number > 0",
    );
    expect(() => ngram([1], { vocabulary: 2, smoothing: "witten-bell" as never })).toThrow(
      'ngram: there is no smoothing "witten-bell"; there are kneser-ney, add-k',
    );
  });

  test("tables grow with the text", () => {
    const text = Array.from({ length: 200_000 }, (_, i) => below(1024, 7, i));
    const { trie, counts } = countTokens(text, { order: 3, vocabulary: 1024 });
    expect(trie.size).toBeGreaterThan(2 ** 16);
    let pairs = 0;
    for (let node = 1; node < trie.size; node++)
      if (trie.parent(trie.parent(node)) === 0 && trie.parent(node) !== 0) pairs += counts[node]!;
    expect(pairs).toBe(text.length - 1);
  });
});

/** The definition, spelt out over all rows of a text. */
function slowly(text: readonly number[], order: number, vocabulary: number) {
  const rows = (n: number) => text.flatMap((_, i) => (i + n <= text.length ? [text.slice(i, i + n)] : []));
  const distinct = (all: readonly (readonly number[])[]) => new Set(all.map((row) => row.join()));
  const count = (row: readonly number[]) =>
    row.length === order
      ? rows(order).filter((other) => other.join() === row.join()).length
      : distinct(rows(row.length + 1).filter((other) => other.slice(1).join() === row.join())).size;
  const discount = (n: number) => {
    const counts = [...distinct(rows(n))].map((row) => count(row.split(",").map(Number)));
    const [once, twice] = [1, 2].map((c) => counts.filter((x) => x === c).length);
    return once === 0 ? 0.5 : once! / (once! + 2 * twice!);
  };
  const probability = (context: readonly number[], token: number): number => {
    const shorter = context.length === 0 ? 1 / vocabulary : probability(context.slice(1), token);
    const all = Array.from({ length: vocabulary }, (_, w) => count([...context, w]));
    const total = all.reduce((a, b) => a + b);
    if (total === 0) return shorter;
    const D = discount(context.length + 1);
    return (Math.max(all[token]! - D, 0) + D * all.filter((c) => c > 0).length * shorter) / total;
  };
  return probability;
}

describe("probabilities", () => {
  test("of interpolated Kneser-Ney are its definition's", () => {
    const text = letters("abracadabraarcbdabbad");
    for (const order of [1, 2, 3, 4]) {
      const model = ngram(text, { order, vocabulary: 5 });
      const want = slowly(text, order, 5);
      for (const behind of ["", "a", "ab", "bra", "ccc", "dabra"].map(letters)) {
        const context = behind.slice(Math.max(0, behind.length - order + 1));
        const got = model.next(behind);
        for (let token = 0; token < 5; token++) expect(Math.exp(got[token]!)).toBeCloseTo(want(context, token), 12);
      }
    }
  });

  test("of add-k are its definition's", () => {
    const model = ngram(letters("abracadabra"), { order: 2, vocabulary: 5, smoothing: "add-k", k: 0.5 });
    const got = [...model.next(letters("a"))].map(Math.exp);
    for (const [token, count] of [0.5, 2.5, 1.5, 1.5, 0.5].entries()) expect(got[token]).toBeCloseTo(count / 6.5, 12);
    expect(Math.exp(model.next([])[0]!)).toBeCloseTo(1 / 5, 12);
  });

  test("sum to 1 behind any text, and none is 0", () => {
    const token = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(
        fc.array(token, { minLength: 1, maxLength: 60 }),
        fc.array(token, { maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("kneser-ney", "add-k"),
        (text, behind, order, smoothing) => {
          const p = ngram(text, { order, vocabulary: 7, smoothing }).next(behind).map(Math.exp);
          expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
          expect(Math.min(...p)).toBeGreaterThan(0);
        },
      ),
    );
  });

  test("a text's loss is the mean of its tokens'", () => {
    const model = ngram(letters("abracadabra"), { order: 3, vocabulary: 5 });
    const text = letters("abrac");
    const each = text.map((token, i) => -model.next(text.slice(0, i))[token]!);
    expect(model.loss(text)).toBeCloseTo(each.reduce((a, b) => a + b) / text.length, 12);
  });
});

test.each(smoothings)("the models of lower order within one are those counted for it (%s)", (smoothing) => {
  const [text, held] = [letters("abracadabraarcbdabbad"), letters("badabracab")];
  const losses = lossesByOrder(ngram(text, { order: 4, vocabulary: 5, smoothing }), held);
  expect(losses).toHaveLength(4);
  for (const [i, loss] of losses.entries())
    expect(loss).toBeCloseTo(ngram(text, { order: i + 1, vocabulary: 5, smoothing }).loss(held), 12);
});

test("samples are the same for a seed, and go on from what stands before them", () => {
  const model = ngram(letters("abcdrabcdrabcdrabcdr"), { order: 3, vocabulary: 5 });
  const draw = (seed: number, temperature = 0.2) => [...sampleNgram(model, letters("ab"), 12, { seed, temperature })];
  expect(draw(1)).toEqual(letters("cdrabcdrabcd"));
  expect(draw(3, 5)).toEqual(draw(3, 5));
  expect(draw(3, 5)).not.toEqual(draw(4, 5));
});
