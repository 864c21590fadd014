import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fromJson, fromVocabAndMerges, fromVocabTxt, type TokenizerJson, toMergesTxt, toVocabTxt } from "./index.ts";

const bert = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\n##s\n";

test("vocab.txt gives BERT's tokenizer, and is written as it was", () => {
  const json = fromVocabTxt(bert);
  const { tokens } = fromJson(json).encode("The cats");
  expect(tokens).toEqual(["[CLS]", "the", "cat", "##s", "[SEP]"]);
  expect(toVocabTxt(json)).toBe(bert);
  expect(fromJson(fromVocabTxt(bert, { lowercase: false })).encode("The").tokens).toEqual(["[CLS]", "[UNK]", "[SEP]"]);
});

test("vocab.json and merges.txt give GPT-2's, and merges.txt is written as it was", () => {
  const merges = "#version: 0.2\na b\nab c\n";
  const json = fromVocabAndMerges({ a: 0, b: 1, c: 2, ab: 3, abc: 4, "<|endoftext|>": 5 }, merges);
  expect(fromJson(json).encode("abcab<|endoftext|>").ids).toEqual([4, 3, 5]);
  expect(toMergesTxt(json)).toBe(merges);
});

test("what is wrong with a line is said with its number", () => {
  expect(() => fromVocabTxt(`${bert}the\n`)).toThrow('vocab.txt: line 9 is "the", as line 6 is');
  expect(() => fromVocabTxt("a\n")).toThrow("vocab.txt: it has no [PAD]; is this BERT's vocabulary?");
  expect(() => fromVocabAndMerges({}, "a b\na b c\n")).toThrow('merges.txt: line 2 must be two pieces, but is "a b c"');
  expect(() => fromVocabAndMerges([], "")).toThrow("vocab.json must be an object, but is []");
  expect(() => fromJson(fromVocabAndMerges({ a: 0 }, "a b\n"))).toThrow("tokenizer.json: model.merges[0] joins");
  expect(() => toMergesTxt(fromVocabTxt(bert))).toThrow(
    "tokenizer.json: model.merges must be an array, but is missing",
  );
});

const shared = fileURLToPath(new URL("../../../shared/data/tokenizers", import.meta.url));
const read = (path: string) => readFileSync(`${shared}/${path}`, "utf8");

test("published vocabularies give the ids that their own tokenizers gave", (context) => {
  if (!existsSync(shared)) context.skip("../shared/data/tokenizers is not here");
  const bare = (json: TokenizerJson) => fromJson({ ...json, added_tokens: [] }); // there, "<|endoftext|>" is text
  const tokenizers = {
    gpt2: bare(fromVocabAndMerges(JSON.parse(read("gpt2/encoder.json")), read("gpt2/vocab.bpe"))),
    bert_cased: fromJson(fromVocabTxt(read("bert_cased/vocab.txt"), { lowercase: false })),
    bert_uncased: fromJson(fromVocabTxt(read("bert_uncased/vocab.txt"))),
  };
  for (const [name, tokenizer] of Object.entries(tokenizers))
    for (const line of read(`cases/${name}.jsonl`).trimEnd().split("\n")) {
      const { text, ids } = JSON.parse(line) as { text: string; ids: number[] };
      expect({ name, text, ids: tokenizer.encode(text, { addSpecialTokens: false }).ids }).toEqual({ name, text, ids });
    }
});
