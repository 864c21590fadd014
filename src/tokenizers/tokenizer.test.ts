import { expect, test } from "vitest";
import { byteTokenizer } from "./byte.ts";
import { charTokenizer } from "./character.ts";
import { encodeChunks } from "./chunks.ts";
import { byCodePoint } from "./vocabulary.ts";

const specialTokens = { bos: "<s>", eos: "<s><s>", pad: "<|pad|>" };
const tokenizer = charTokenizer("ab<>s|pd", { specialTokens });

test("special tokens in the text are one token each, the longer first", () => {
  expect(tokenizer.encode("a<s>b<s><s><|pad|>").tokens).toEqual(["a", "<s>", "b", "<s><s>", "<|pad|>"]);
  expect(tokenizer.encode("a<s>b").offsets).toEqual([
    [0, 1],
    [1, 4],
    [4, 5],
  ]);
  expect(tokenizer.specialTokens).toEqual(specialTokens);
});

test("special tokens are left out of the decoded text when asked", () => {
  const ids = tokenizer.encodeIds("a<s>b<|pad|>");
  expect(tokenizer.decode(ids)).toBe("a<s>b<|pad|>");
  expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe("ab");
});

test("a special token that plays two parts is one token", () => {
  const both = byteTokenizer({ specialTokens: { bos: "<|endoftext|>", eos: "<|endoftext|>" } });
  expect(both.vocabSize).toBe(257);
  expect(both.toJson().added_tokens.length).toBe(1);
});

test("a special token that could be text is refused", () => {
  for (const token of ["", "a", "😀", "a\ud800"])
    expect(() => charTokenizer("a", { specialTokens: { eos: token } })).toThrow(
      `special token ${JSON.stringify(token)}: must be at least two characters, such as "<eos>"`,
    );
});

test("an id outside the vocabulary is refused, and has no token", () => {
  for (const id of [300, -1, 0.5]) {
    expect(() => byteTokenizer().decode([65, id])).toThrow(
      `decode: id ${id} is not in the vocabulary, whose ids are 0 … 255`,
    );
    expect(byteTokenizer().idToToken(id)).toBeUndefined();
  }
  expect(byteTokenizer().tokenToId("ab")).toBeUndefined();
});

test("a special token split between chunks is found", async () => {
  const ids: number[] = [];
  for await (const some of encodeChunks(tokenizer, ["a<", "s><s", "><|p", "b"])) ids.push(...some);
  expect(ids).toEqual([...tokenizer.encodeIds("a<s><s><|pb")]);
});

test("strings are ordered by code point, as in Python", () => {
  expect(["😀", "\ufb01", "ab", "a", "\ud7ff"].toSorted(byCodePoint)).toEqual(["a", "ab", "\ud7ff", "\ufb01", "😀"]);
});
