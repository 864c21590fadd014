import { expect, test } from "vitest";
import { byteTokenizer, charTokenizer, wordTokenizer } from "../tokenizers/index.ts";
import { exampleOf, samplingOf } from "./samples.ts";

test("a sample goes on from the prompt, or from what begins a text", () => {
  expect(samplingOf(charTokenizer("\nabc"), { prompt: "cab" })).toMatchObject({ prompt: "cab", start: [3, 1, 2] });
  expect(samplingOf(charTokenizer("\nabc")).start).toEqual([0]);
  expect(samplingOf(charTokenizer("abc")).start).toEqual([0]);
  const told = charTokenizer("abc", { specialTokens: { bos: "<s>" } });
  expect(samplingOf(told).start).toEqual([told.tokenToId("<s>")]);
});

test("a prompt that the tokenizer cannot say is refused, and what is no temperature or length", () => {
  expect(() => samplingOf(charTokenizer("abc"), { prompt: "abd" })).toThrow('the character "d" (U+0064) at position 2');
  expect(() => samplingOf(charTokenizer("abc"), { temperature: 0 })).toThrow("generate: temperature is 0, but must be");
  expect(() => samplingOf(charTokenizer("abc"), { maxNewTokens: 0 })).toThrow("generate: maxNewTokens is 0, but must");
});

test("the text to try a model with is one that its tokenizer knows all of", () => {
  expect(exampleOf(byteTokenizer())).toBe("The");
  expect(exampleOf(charTokenizer("when the cat"))).toBe("the");
  expect(exampleOf(charTokenizer("\n xyz"))).toBe("x");
  expect(exampleOf(wordTokenizer("cat"))).toBe("cat");
  expect(exampleOf(charTokenizer(" \n"))).toBe("");
});
