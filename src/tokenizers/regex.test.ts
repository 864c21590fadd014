import { expect, test } from "vitest";
import { onigurumaRegex } from "./regex.ts";

const matches = (source: string, text: string) => text.match(onigurumaRegex(source, "x")) ?? [];

test("spaces, words and digits are Unicode's", () => {
  expect(matches(String.raw`\s`, "a\u0085\u00a0\ufeff\n")).toEqual(["\u0085", "\u00a0", "\n"]);
  expect(matches(String.raw`\w+`, "na\u0308ïve ²³ 一二_3")).toEqual(["na\u0308ïve", "²³", "一二_3"]);
  expect(matches(String.raw`[\d\h]+`, "x٣fF9")).toEqual(["٣fF9"]);
  expect(matches(String.raw`\p{Han}+|\p{^L}|[[:upper:]]`, "漢字!aB")).toEqual(["漢字", "!", "B"]);
});

test("case is ignored inside a group, the long s and the Kelvin sign with it", () => {
  expect(matches("(?i:'s|k)x|S", "'Sx 'ſx Kx s S")).toEqual(["'Sx", "'ſx", "Kx", "S"]);
  expect(matches("(?i)[a-c]", "aBd")).toEqual(["a", "B"]);
  expect(matches("(?i:a(?-i:b))", "Ab AB")).toEqual(["Ab"]);
});

test("lines, whole texts and dots are Ruby's", () => {
  expect(matches("^b$", "a\nb\nc")).toEqual(["b"]);
  expect(matches(String.raw`\Aa|c\z`, "a\na\nc\nc")).toEqual(["a", "c"]);
  expect(matches(".", "a\r\n")).toEqual(["a", "\r"]);
  expect(matches("(?m:.)", "a\n")).toEqual(["a", "\n"]);
});

test("possessive repetitions and atomic groups give nothing back", () => {
  expect(matches("a++a", "aaa")).toEqual([]);
  expect(matches("(?>a+)b|a", "aab aa")).toEqual(["aab", "a", "a"]);
  expect(matches(String.raw`[^\r\n\p{L}\p{N}]?+\p{L}++`, " ab!c")).toEqual([" ab", "!c"]);
});

test("classes nest, intersect and hold their own signs", () => {
  expect(matches("[a-z&&[^aeiou]]+", "hello")).toEqual(["h", "ll"]);
  expect(matches(String.raw`[]()\-&|]+`, "a]()-&|b")).toEqual(["]()-&|"]);
});

test.each([
  [String.raw`(a)\1`, 'has "\\1", which JavaScript cannot say'],
  [String.raw`\X`, 'has "\\X", which JavaScript cannot say'],
  ["(?~a)", 'has "(?~a)", which JavaScript cannot say'],
  ["(?x: a)", 'has the flag "x"'],
  ["(a", 'has a "(" without its ")"'],
  ["a)", 'has a ")" without its "("'],
  ["[a", 'has a "[" without its "]"'],
  ["*a", "has nothing before its *"],
  [String.raw`\p{Nothing}`, 'has the unknown property "\\p{Nothing}"'],
  ["[[:nothing:]]", 'has the unknown class "[:nothing:]"'],
  ["\\", 'ends with "\\"'],
  [String.raw`\xzz`, 'has "\\xzz", which is no character'],
  ["b{3,2}", "is not one of JavaScript's"],
])("%s is refused", (source, message) => {
  expect(() => onigurumaRegex(source, "here")).toThrow(`here: the regular expression ${JSON.stringify(source)} `);
  expect(() => onigurumaRegex(source, "here")).toThrow(message);
});

test.each(["(a+)+", "(?:a*)*b", "(a|b+)*", "((?:a+)?)+", "(?:a+b?)+"])(
  "%s, which can explode, is refused",
  (source) => {
    expect(() => onigurumaRegex(source, "here")).toThrow("repeats a repetition, which can take exponential time");
  },
);

test("a text of spaces without end takes GPT-2's and Llama 3's expressions no time", () => {
  const llama3 = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
  expect(matches(llama3, " ".repeat(100_000)).length).toBe(1);
});
