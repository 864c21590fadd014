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
    { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Metaspace", replacement: "▁" }] },
    'decoder.decoders[1] is of type "Metaspace", which is not known here (known: Fuse, ByteLevel, Sequence, Replace)',
  ],
  [
    "word",
    "pre_tokenizer",
    { type: "Sequence", pretokenizers: [split, { type: "Digits" }] },
    'pre_tokenizer is of type "Sequence", which is not known here (known: Split, ByteLevel)',
  ],
  [
    "byte",
    "post_processor",
    { type: "TemplateProcessing" },
    'post_processor is of type "TemplateProcessing", which is not known here (known: none)',
  ],
  [
    "character",
    "normalizer",
    { type: "NFC" },
    'normalizer is of type "NFC", which is not known here (known: Lowercase)',
  ],
  ["character", "model.type", "Unigram", 'model is of type "Unigram", which is not known here (known: WordLevel, BPE)'],
  [
    "byte",
    "pre_tokenizer.use_regex",
    true,
    "pre_tokenizer.use_regex is true instead of false, the only one known in a byte tokenizer",
  ],
  [
    "byte",
    "model.merges",
    [["a", "b"]],
    'model.merges[0] is ["a","b"] instead of null, the only one known in a byte tokenizer',
  ],
  [
    "character",
    "pre_tokenizer",
    split,
    'pre_tokenizer.pattern.Regex is null instead of "[\\\\s\\\\S]", the only one known in a character tokenizer',
  ],
  ["word", "decoder", null, "decoder is null instead of {"],
  ["word", "truncation", { max_length: 5 }, 'truncation is {"max_length":5} instead of null'],
  ["byte", "model.vocab.!", 300, "model.vocab.! is 300; the ids of 256 tokens are 0 … 255"],
  ["character", "model.vocab.a", 1.5, "model.vocab.a is 1.5; the ids of 4 tokens are 0 … 3"],
  ["character", "model.vocab.a", 3, 'model.vocab gives the id 3 to "a" and to "b"'],
  ["character", "model.vocab.ab", 4, 'model.vocab holds "ab", which is neither special nor one character'],
  ["plain", "model.vocab", { a: 0, "\ud800": 1 }, 'model.vocab holds "\\ud800", half of a surrogate pair'],
  ["byte", "model.vocab.word", 256, 'model.vocab holds "word", which is neither special nor a byte'],
  ["character", "model.vocab", undefined, "model.vocab must be an object, but is missing"],
  ["character", "model", "WordLevel", 'model must be an object, but is "WordLevel"'],
  ["character", "added_tokens", {}, "added_tokens must be an array, but is {}"],
  ["character", "added_tokens", [3], "added_tokens[0] must be an object, but is 3"],
  ["character", "added_tokens.1", { ...added, content: 3 }, "added_tokens[1].content must be a string, but is 3"],
  ["character", "added_tokens.1", { ...added, lstrip: true }, "added_tokens[1].lstrip is true instead of false"],
  ["character", "added_tokens.1", { ...added, id: 3 }, "added_tokens[1].id is 3 instead of 1"],
])("a %s tokenizer with another %s is refused, and its place is named", (kind, place, by, message) => {
  expect(() => fromJson(replaced(json[kind], place, by))).toThrow(`tokenizer.json: ${message}`);
});

test("bytes in another order are refused", () => {
  const swapped = replaced(replaced(json.byte, "model.vocab.!", 34), 'model.vocab."', 33);
  expect(() => fromJson(swapped)).toThrow("tokenizer.json: model.vocab.! is 34 instead of 33");
});

test("a word tokenizer must know its unknown token", () => {
  const without = replaced(replaced(json.word, "added_tokens", []), "model.vocab", { a: 0 });
  expect(() => fromJson(without)).toThrow('tokenizer.json: model.vocab does not hold model.unk_token, "<unk>"');
});

test("what is no object is refused", () => {
  expect(() => fromJson([1])).toThrow("tokenizer.json must be an object, but is [1]");
  expect(() => fromJson(json.byte, "x")).toThrow('tokenizer_config.json must be an object, but is "x"');
});

test("the configuration names the parts of special tokens, as strings or as added tokens", () => {
  const config = { eos_token: { content: "<eos>", lstrip: false }, bos_token: null, model_max_length: 5 };
  expect(fromJson(json.character, config).specialTokens).toEqual(specialTokens);
  expect(() => fromJson(json.character, { pad_token: "<pad>" })).toThrow(
    'tokenizer_config.json: pad_token is "<pad>", which is not among tokenizer.json\'s added_tokens',
  );
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
