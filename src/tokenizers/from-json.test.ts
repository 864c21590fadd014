import { expect, test } from "vitest";
import { byteTokenizer, charTokenizer, fromJson, wordTokenizer } from "./index.ts";

const specialTokens = { unk: "<unk>", eos: "<eos>" };
const json = {
  character: charTokenizer("ab", { specialTokens }).toJson(),
  plain: charTokenizer("ab").toJson(),
  byte: byteTokenizer().toJson(),
  word: wordTokenizer("a b", { specialTokens }).toJson(),
};

/** A copy in which the value at a place ("decoder.decoders.0") is another; undefined takes it out. */
function replaced(value: unknown, place: string, by: unknown): unknown {
  const copy = structuredClone(value);
  const keys = place.split(".");
  let inner = copy as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
  inner[keys.at(-1)!] = by;
  return JSON.parse(JSON.stringify(copy));
}

const split = { type: "Split", pattern: { String: " " }, behavior: "Isolated", invert: false };
const added = json.character.added_tokens[1];

test.each<[keyof typeof json, string, unknown, string]>([
  [
    "character",
    "decoder",
    { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Wordpiece" }] },
    'decoder.decoders[1] is of type "Wordpiece", which is not known here (known: ByteLevel, ByteFallback, WordPiece, ',
  ],
  [
    "word",
    "pre_tokenizer",
    { type: "Sequence", pretokenizers: [split, { type: "Digits" }] },
    "pre_tokenizer.pretokenizers[1].individual_digits must be true or false, but is missing",
  ],
  [
    "byte",
    "post_processor",
    { type: "Template" },
    'post_processor is of type "Template", which is not known here (known: BertProcessing, RobertaProcessing, ',
  ],
  [
    "character",
    "normalizer",
    { type: "NFQ" },
    'normalizer is of type "NFQ", which is not known here (known: NFC, NFD, NFKC, NFKD, Lowercase, ',
  ],
  ["byte", "model.type", "Trigram", 'model is of type "Trigram", which is not known here (known: BPE, WordPiece, '],
  ["character", "model.type", "Unigram", "model.vocab must be an array, but is {"],
  ["byte", "model.merges", [["a", "b"]], 'model.merges[0] joins "a" and "b", but the vocabulary has no "ab"'],
  ["byte", "model.merges", ["a b c"], 'model.merges[0] must be two pieces, but is "a b c"'],
  ["byte", "model.dropout", 1.1, "model.dropout must be a probability or null, but is 1.1"],
  ["byte", "model.unk_token", "<unk>", 'model.unk_token is "<unk>", which is not in the vocabulary'],
  ["word", "truncation", { max_length: -1 }, "truncation.max_length must be a whole number, not negative, but is -1"],
  ["word", "padding", {}, "padding.strategy must be an object, but is missing"],
  ["character", "model.vocab.a", 1.5, "model.vocab.a is 1.5; an id is a whole number from 0 to 2147483647"],
  ["character", "model.vocab.a", 3, 'model.vocab gives the id 3 to "a" and to "b"'],
  ["plain", "model.vocab", { a: 0, "\ud800": 1 }, 'model.vocab holds "\\ud800", half of a surrogate pair'],
  ["character", "model.vocab", undefined, "model.vocab must be an object, but is missing"],
  ["character", "model", "WordLevel", 'model must be an object, but is "WordLevel"'],
  ["character", "added_tokens", {}, "added_tokens must be an array, but is {}"],
  ["character", "added_tokens", [3], "added_tokens[0] must be an object, but is 3"],
  ["character", "added_tokens.1", { ...added, content: 3 }, "added_tokens[1].content must be a string, but is 3"],
  ["character", "added_tokens.1", { ...added, content: "" }, 'added_tokens[1].content is ""; it must be text'],
  ["character", "added_tokens.1", { ...added, lstrip: 1 }, "added_tokens[1].lstrip must be true or false, but is 1"],
  [
    "character",
    "added_tokens.1",
    { ...added, id: 3 },
    "added_tokens[1].id is 3 instead of 1, which the vocabulary gives it",
  ],
  [
    "character",
    "added_tokens.1",
    { ...added, content: "new", id: 9 },
    "added_tokens[1].id is 9 instead of 4, the next that is free",
  ],
  [
    "word",
    "pre_tokenizer.pattern.Regex",
    "(a)\\1",
    'pre_tokenizer.pattern.Regex: the regular expression "(a)\\\\1" has "\\1", which JavaScript cannot say',
  ],
  [
    "word",
    "pre_tokenizer.behavior",
    "Removing",
    "pre_tokenizer.behavior must be one of Removed, Isolated, Contiguous, MergedWithPrevious, MergedWithNext, but is",
  ],
])("a %s tokenizer with another %s is refused, and its place is named", (kind, place, by, message) => {
  expect(() => fromJson(replaced(json[kind], place, by))).toThrow(`tokenizer.json: ${message}`);
});

test("bytes in another order are another tokenizer, and read as such", () => {
  const swapped = fromJson(replaced(replaced(json.byte, "model.vocab.!", 34), 'model.vocab."', 33));
  expect(swapped.encode('!"').ids).toEqual([34, 33]);
});

test("a word outside a vocabulary without its unknown token is refused when it comes", () => {
  const without = fromJson(replaced(replaced(json.word, "added_tokens", []), "model.vocab", { a: 0 }));
  expect(without.encode("a").ids).toEqual([0]);
  expect(() => without.encode("a b")).toThrow('encode: the vocabulary has neither "b" nor the unknown token <unk>');
});

test("what is no object is refused", () => {
  expect(() => fromJson([1])).toThrow("tokenizer.json must be an object, but is [1]");
  expect(() => fromJson(json.byte, "x")).toThrow('tokenizer_config.json must be an object, but is "x"');
});

test("the configuration names the parts of special tokens, as strings or as added tokens", () => {
  const config = { eos_token: { content: "<eos>", lstrip: false }, bos_token: null, model_max_length: 5 };
  expect(fromJson(json.character, config).specialTokens).toEqual(specialTokens);
  expect(() => fromJson(json.character, { pad_token: 3 })).toThrow(
    "tokenizer_config.json: pad_token must be a token, but is 3",
  );
});

test("a special token that only the configuration names gets the next number, as in transformers", () => {
  const added = {
    content: "<user>",
    lstrip: false,
    rstrip: false,
    single_word: false,
    normalized: false,
    special: true,
  };
  const config = { pad_token: "<pad>", extra_special_tokens: ["<a>"], added_tokens_decoder: { "9": added } };
  const tokenizer = fromJson(json.character, config);
  expect(["<user>", "<pad>", "<a>"].map(tokenizer.tokenToId)).toEqual([4, 5, 6]);
  expect(tokenizer.encode("a<pad>b").tokens).toEqual(["a", "<pad>", "b"]);
  expect(fromJson(tokenizer.toJson(), config).toJson()).toEqual(tokenizer.toJson());
  expect(tokenizer.config).toEqual(config);
});

test("a special token listed twice is one token", () => {
  const twice = replaced(byteTokenizer({ specialTokens: { eos: "<eos>" } }).toJson(), "added_tokens.1", {
    ...added,
    id: 256,
  });
  expect(fromJson(twice).vocabSize).toBe(257);
});

test("special tokens without a part are still found in text", () => {
  const tokenizer = fromJson(json.character);
  expect(tokenizer.specialTokens).toEqual({ unk: "<unk>" });
  expect(tokenizer.encode("a<eos>").tokens).toEqual(["a", "<eos>"]);
});
