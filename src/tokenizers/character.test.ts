import { expect, test } from "vitest";
import { charTokenizer, trainCharTokenizer } from "./character.ts";

test("characters are numbered in the order of Unicode", () => {
  const tokenizer = charTokenizer("hello 😀\ufb01\n");
  const tokens = ["\n", " ", "e", "h", "l", "o", "\ufb01", "😀"];
  expect(tokenizer.vocabSize).toBe(8);
  expect(tokens.map(tokenizer.tokenToId)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(tokenizer.encode("h😀o")).toMatchObject({
    ids: [3, 7, 5],
    tokens: ["h", "😀", "o"],
    offsets: [
      [0, 1],
      [1, 3],
      [3, 4],
    ],
  });
});

test("an unknown character is named with its position in the whole text", () => {
  const tokenizer = charTokenizer("ab😀", { specialTokens: { eos: "<eos>" } });
  const message =
    'charTokenizer: the character "é" (U+00E9) at position 9 is not in the vocabulary of 4: ' +
    'train on text that holds it, or with specialTokens { unk: "<unk>" }';
  expect(() => tokenizer.encode("😀a<eos>bé")).toThrow(message);
  expect(() => tokenizer.encodeIds("😀a<eos>bé")).toThrow(message);
  expect(() => tokenizer.encodeIds("\ud800")).toThrow("(U+FFFD) at position 0");
});

test("an unknown character is <unk> where the vocabulary has one", () => {
  const tokenizer = charTokenizer("ab", { specialTokens: { unk: "<unk>" } });
  expect(tokenizer.encode("aéb").tokens).toEqual(["a", "<unk>", "b"]);
  expect(tokenizer.decode(tokenizer.encodeIds("aéb"))).toBe("a<unk>b");
});

test("nothing can be learned from an empty text", async () => {
  const message = "charTokenizer: the training text is empty, so there is nothing to learn";
  expect(() => charTokenizer("")).toThrow(message);
  await expect(trainCharTokenizer([])).rejects.toThrow(message);
});

test("a pair of surrogates split between two chunks is one character", async () => {
  const tokenizer = await trainCharTokenizer(["a\ud83d", "", "\ude00b"]);
  expect(tokenizer.vocabSize).toBe(3);
  expect(tokenizer.tokenToId("😀")).toBe(2);
});
