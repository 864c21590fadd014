import { expect, test } from "vitest";
import { fromJson, wordTokenizer } from "./index.ts";

const words = "a b c d e f g";
const tokenizer = wordTokenizer(words, { specialTokens: { pad: "<pad>" } });
const padding = { padId: 1, padToken: "<pad>" };

test("what truncation cuts off comes in parts that overlap by the stride", () => {
  const { tokens, overflowing } = tokenizer.encode(words, { truncation: { maxLength: 3, stride: 1 } });
  expect([tokens, ...overflowing.map((part) => part.tokens)].map((part) => part.join(""))).toEqual([
    "abc",
    "cde",
    "efg",
  ]);
});

test("from the left, the last tokens stay", () => {
  const { tokens, overflowing } = tokenizer.encode(words, { truncation: { maxLength: 3, direction: "left" } });
  expect([tokens, ...overflowing.map((part) => part.tokens)].map((part) => part.join(""))).toEqual(["efg", "bcd", "a"]);
});

test("of a pair the longer text gives tokens up first, or the one that is named", () => {
  const encode = (strategy: "longestFirst" | "onlyFirst" | "onlySecond") =>
    tokenizer.encode("a b c d", { pair: "e f", truncation: { maxLength: 4, strategy } }).tokens.join("");
  expect(encode("longestFirst")).toBe("abef");
  expect(encode("onlyFirst")).toBe("abef");
  expect(() => encode("onlySecond")).toThrow(
    'truncation: 2 tokens must go, but the second text has 2; raise maxLength, or use "longestFirst"',
  );
  expect(() => tokenizer.encode(words, { truncation: { maxLength: 4, strategy: "onlySecond" } })).toThrow(
    'truncation: the strategy is "onlySecond", but there is no second text',
  );
});

test("a stride as long as a part is refused, and a length below that of the special tokens", () => {
  expect(() => tokenizer.encode(words, { truncation: { maxLength: 3, stride: 3 } })).toThrow(
    "truncation: the stride is 3, but a part has 3 tokens; it must be less",
  );
  const post_processor = { type: "BertProcessing", sep: ["<unk>", 0], cls: ["<unk>", 0] };
  const bert = fromJson({ ...tokenizer.toJson(), post_processor });
  expect(bert.encode("a", { truncation: { maxLength: 2 } }).tokens).toEqual(["<unk>", "<unk>"]);
  expect(() => bert.encode("a", { truncation: { maxLength: 1 } })).toThrow(
    "truncation: maxLength is 1, less than the 2 special tokens that are added",
  );
});

test("a batch is padded to its longest text, or to a length, or to a multiple, on either side", () => {
  const lengths = (options: object) =>
    tokenizer
      .encodeBatch(["a", ["a b", "c"]], { padding: { ...padding, ...options } })
      .map(({ tokens }) => tokens.join(" "));
  expect(lengths({})).toEqual(["a <pad> <pad>", "a b c"]);
  expect(lengths({ direction: "left" })).toEqual(["<pad> <pad> a", "a b c"]);
  expect(lengths({ length: 2 })).toEqual(["a <pad>", "a b c"]);
  expect(lengths({ multipleOf: 4 })).toEqual(["a <pad> <pad> <pad>", "a b c <pad>"]);
  const [first] = tokenizer.encodeBatch(["a", "a b"], { padding: { ...padding, padTypeId: 3 } });
  expect(first).toMatchObject({
    attentionMask: [1, 0],
    typeIds: [0, 3],
    specialTokensMask: [0, 1],
    wordIds: [0, null],
  });
});

test("a file's truncation and padding are used unless the caller says otherwise", () => {
  const file = fromJson({
    ...tokenizer.toJson(),
    truncation: { direction: "Right", max_length: 2, strategy: "LongestFirst", stride: 0 },
    padding: {
      strategy: { Fixed: 4 },
      direction: "Left",
      pad_to_multiple_of: null,
      pad_id: 1,
      pad_type_id: 0,
      pad_token: "<pad>",
    },
  });
  expect(file.encode("a b c").tokens).toEqual(["<pad>", "<pad>", "a", "b"]);
  expect(file.encode("a b c", { truncation: null, padding: null }).tokens).toEqual(["a", "b", "c"]);
  expect([...file.encodeIds("a b c")]).toHaveLength(3);
});
