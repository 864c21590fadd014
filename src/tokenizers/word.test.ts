import { expect, test } from "vitest";
import { trainWordTokenizer, wordTokenizer } from "./train-word.ts";
import { cutWords } from "./word.ts";

const verse = "To be, or not to be:\nthat is the question — 3 words?\n";

test("words and other characters are tokens, and the space between two words is none", () => {
  const tokenizer = wordTokenizer(verse);
  expect(tokenizer.encode("that is, to be\n")).toMatchObject({
    ids: ["that", "is", ",", " ", "to", "be", "\n"].map(tokenizer.tokenToId),
    tokens: ["that", "is", ",", " ", "to", "be", "\n"],
    offsets: [
      [0, 4],
      [5, 7],
      [7, 8],
      [8, 9],
      [9, 11],
      [12, 14],
      [14, 15],
    ],
  });
  expect(tokenizer.decode(tokenizer.encodeIds(verse))).toBe(verse);
});

test("an unknown word decodes to <unk> with spaces around it", () => {
  const tokenizer = wordTokenizer(verse);
  expect(tokenizer.decode(tokenizer.encodeIds("to see or not"))).toBe("to <unk> or not");
});

test("any order of words decodes to readable text", () => {
  const tokenizer = wordTokenizer(verse);
  const ids = ["question", ",", " ", "that", "or", "not", "?", "\n", "words"].map((word) => tokenizer.tokenToId(word)!);
  expect(tokenizer.decode(ids)).toBe("question, that or not?\nwords");
});

test("the most frequent words come first, equally frequent ones in the order of Unicode", () => {
  const tokenizer = wordTokenizer("b a b 😀\ufb01 c,b", { specialTokens: { eos: "<eos>" } });
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));
  expect(tokens).toEqual(["<unk>", "<eos>", "b", " ", ",", "a", "c", "\ufb01", "😀"]);
});

test("rare words, and those beyond the vocabulary's size, are unknown", () => {
  const text = "a a a b b c";
  expect(wordTokenizer(text, { minFrequency: 2 }).encode(text).tokens).toEqual(["a", "a", "a", "b", "b", "<unk>"]);
  expect(wordTokenizer(text, { vocabSize: 2 }).encode(text).tokens).toEqual(["a", "a", "a", "<unk>", "<unk>", "<unk>"]);
});

test("in lower case a word has one token and its offsets in the original text", () => {
  const tokenizer = wordTokenizer("İstanbul ΟΔΟΣ the", { lowercase: true });
  expect(tokenizer.encode("THE ΟΔΟΣ, İSTANBUL")).toMatchObject({
    ids: ["the", "οδοσ", "<unk>", "<unk>", "i\u0307stanbul"].map(tokenizer.tokenToId),
    tokens: ["the", "οδοσ", "<unk>", "<unk>", "i\u0307stanbul"],
    offsets: [
      [0, 3],
      [4, 8],
      [8, 9],
      [9, 10],
      [10, 18],
    ],
  });
});

test("a text of words and spaces alone is not held back, only its last word is", async () => {
  expect(cutWords("one two thr")).toEqual(["one two", "thr"]);
  expect(cutWords("one two ")).toEqual(["one", "two "]);
  expect(cutWords("one,  ")).toEqual(["one, ", " "]);
  expect(cutWords("one")).toEqual(["", "one"]);
  const tokenizer = await trainWordTokenizer(["one tw", "o one ", "two"]);
  expect(tokenizer.encode("one two").tokens).toEqual(["one", "two"]);
  expect(tokenizer.vocabSize).toBe(3);
});

test("settings that leave no vocabulary are refused", () => {
  expect(() => wordTokenizer("")).toThrow("wordTokenizer: the training text is empty, so there is nothing to learn");
  expect(() => wordTokenizer("a b", { minFrequency: 2 })).toThrow(
    "wordTokenizer: no word of the training text occurs 2 times; lower minFrequency",
  );
  expect(() => wordTokenizer("a", { minFrequency: 0 })).toThrow(
    "wordTokenizer: minFrequency is 0; it must be at least 1",
  );
  expect(() => wordTokenizer("a", { vocabSize: 2, specialTokens: { eos: "<eos>" } })).toThrow(
    "wordTokenizer: vocabSize is 2, which leaves no room beside the special tokens (2)",
  );
});

test("the mark that decoding uses is never learned", () => {
  const tokenizer = wordTokenizer("a\ufdd0b");
  expect(tokenizer.tokenToId("\ufdd0")).toBeUndefined();
  expect(() => wordTokenizer("a", { specialTokens: { eos: "<\ufdd0>" } })).toThrow(
    'wordTokenizer: the token "<\ufdd0>" holds U+FDD0, with which decoding marks words',
  );
});
