/** What transformers, SentencePiece and tiktoken make of older files (golden/pretrained.py), and what is wrong with files. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { fromJson, fromSentencePiece, fromTiktoken, readSentencePiece, tokenizerFrom } from "../index.ts";

interface Encoded {
  ids: number[];
  tokens: string[];
  offsets: number[];
  decoded: string;
}
interface Golden {
  texts: string[];
  folders: {
    name: string;
    files: Record<string, string>;
    config: object;
    encoded: Encoded[];
    pair: { ids: number[]; types: number[] };
    sentencepiece?: { ids: number[]; decoded: string }[];
  }[];
  tiktoken: { ranks: string; special: Record<string, number>; answers: Record<string, number[][]> };
}
const file = new URL("../golden/pretrained.json.gz", import.meta.url);
const golden = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Golden;
const { texts, folders, tiktoken } = golden;

const bytesOf = (name: string, content: string) =>
  name.endsWith(".model") ? new Uint8Array(Buffer.from(content, "base64")) : new TextEncoder().encode(content);

const folder = (files: Record<string, string | Uint8Array>, config: object) => async (name: string) => {
  if (name === "tokenizer_config.json") return new TextEncoder().encode(JSON.stringify(config));
  const content = files[name];
  return typeof content === "string" ? bytesOf(name, content) : content;
};

describe.each(folders)("the older files of $name", ({ files, config, encoded, pair, sentencepiece }) => {
  test("give transformers' ids, tokens, offsets and texts", async () => {
    const tokenizer = await tokenizerFrom(folder(files, config));
    for (const [i, text] of texts.entries()) {
      const { ids, tokens, offsets } = tokenizer.encode(text);
      const ours = { ids, tokens, offsets: offsets.flat(), decoded: tokenizer.decode(ids) };
      expect({ text, ...ours }).toEqual({ text, ...encoded[i] });
    }
    const { ids, typeIds } = tokenizer.encode(texts[0]!, { pair: texts[1]! });
    expect({ ids, types: typeIds }).toEqual(pair);
    expect(fromJson(tokenizer.toJson(), tokenizer.config).toJson()).toEqual(tokenizer.toJson());
  });

  const model = Object.entries(files).find(([name]) => name.endsWith(".model"));
  test.runIf(model && sentencepiece)("give SentencePiece's own ids, without special tokens in the text", () => {
    const [name, content] = model!;
    const read = readSentencePiece(bytesOf(name, content), name);
    const tokenizer = fromJson(fromSentencePiece(read));
    for (const [i, text] of texts.entries()) {
      if (/<\w+>|<\/s>|\[\w+\]/.test(text)) continue; // SentencePiece reads control pieces as text
      if (!read.removeExtraWhitespaces && text.includes("\r\n")) continue; // two characters there, one in Rust
      expect({ text, ids: tokenizer.encode(text).ids }).toEqual({ text, ids: sentencepiece![i]!.ids });
    }
  });
});

test.each(Object.entries(tiktoken.answers))("tiktoken ranks cut as %s give tiktoken's ids", (pattern, answers) => {
  const tokenizer = fromJson(fromTiktoken(tiktoken.ranks, { pattern, specialTokens: tiktoken.special }));
  for (const [i, text] of texts.entries()) {
    const { ids } = tokenizer.encode(text);
    expect({ text, ids }).toEqual({ text, ids: answers[i] });
    expect(tokenizer.decode(ids)).toBe(text);
  }
});

const spiece = Object.entries(folders.find(({ name }) => name === "t5")!.files)[0]!;

test("a SentencePiece file that was cut anywhere is told so, by its name", () => {
  const whole = bytesOf(...spiece);
  for (let length = 0; length < whole.length; length += 1 + (length >> 6)) {
    const read = () => readSentencePiece(whole.subarray(0, length), "dir/spiece.model");
    expect(read, `${length} of ${whole.length}`).toThrow(/^dir\/spiece\.model:? .*(cut|has no pieces)/);
  }
  expect(() => readSentencePiece(whole.subarray(0, 1000), "spiece.model")).toThrow(
    /^spiece\.model: piece \d+ is cut off|^spiece\.model is cut off or no SentencePiece model \(/,
  );
});

test("bytes that are anything else are refused", () => {
  const read =
    (...bytes: number[]) =>
    () =>
      readSentencePiece(Uint8Array.from(bytes), "m");
  expect(read()).toThrow("m: it has no pieces; is this a SentencePiece model?");
  expect(read(...new TextEncoder().encode("hello"))).toThrow("m is cut off or no SentencePiece model (");
  const piece = (type: number) => [10, 5, 10, 1, 97, 24, type];
  expect(read(...piece(9))).toThrow("m: piece 0 is of type 9; types are 1 to 6");
  expect(read(...piece(2))).toThrow("m: it ends after 1 pieces, before how they are used; was it cut?");
  expect(read(...piece(2), 18, 2, 24, 4, 26, 0)).toThrow("m: its model_type is char; unigram and bpe are known here");
  expect(read(...piece(1), 18, 0, 26, 0)).toThrow("m: unk_id is 0, but piece 0 is normal");
  expect(read(10, 3, 10, 1, 0xff)).toThrow("m: piece 0 is not UTF-8 text");
});

test("tiktoken lines that are none are told with their number", () => {
  expect(() => fromTiktoken("IQ== 0\nIg== x\n", {}, "r.tiktoken")).toThrow(
    'r.tiktoken: line 2 must be base64 and a number, but is "Ig== x"',
  );
  expect(() => fromTiktoken("IQ== 0\n*** 1\n")).toThrow('tiktoken: line 2 must be base64 and a number, but is "*** 1"');
  expect(() => fromTiktoken("IQ== 0\nIQ== 1\n")).toThrow('tiktoken: line 2: "IQ== 1" comes twice');
  expect(() => fromTiktoken("IQ== 0\nIg== 0\n")).toThrow('tiktoken: line 2: "Ig== 0" comes twice');
  expect(() => fromTiktoken("IQ== 0\n")).toThrow("tiktoken: it has no token for the byte 0; was it cut?");
});

test("a tokenizer.model that holds ranks is read as ranks", async () => {
  const tokenizer = await tokenizerFrom(folder({ "tokenizer.model": new TextEncoder().encode(tiktoken.ranks) }, {}));
  expect(tokenizer.encode(texts[0]!).ids).toEqual(tiktoken.answers["llama3"]![0]);
});

test("a folder is read by its model_type, and by its files where nothing is named", async () => {
  const { files } = folders.find(({ name }) => name === "bert, uncased")!;
  const config = new TextEncoder().encode('{"model_type": "bert"}');
  const named = await tokenizerFrom(folder({ ...files, "config.json": config }, {}));
  const bare = await tokenizerFrom(folder(files, {}));
  expect(named.toJson()).toEqual(bare.toJson());
  expect(named.specialTokens).toMatchObject({ cls: "[CLS]", unk: "[UNK]" });
  const t5 = await tokenizerFrom(folder(Object.fromEntries([spiece]), {}));
  expect(t5.encode("The cat").tokens[0]).toMatch(/^▁/);
});

test("a folder that does not fit is refused, and what would do is said", async () => {
  const read = (files: Record<string, string | Uint8Array>, config: object = {}) =>
    tokenizerFrom(folder(files, config));
  await expect(read({})).rejects.toThrow("tokenizer.json: there is no such file; is this the folder of a model");
  await expect(read(Object.fromEntries([spiece]), { tokenizer_class: "CamembertTokenizer" })).rejects.toThrow(
    'tokenizer_class is "CamembertTokenizer", whose spiece.model is not known here (known: BertTokenizer, ',
  );
  await expect(read({ "vocab.txt": "[PAD]\n" }, { tokenizer_class: "T5Tokenizer" })).rejects.toThrow(
    "T5Tokenizer reads SentencePiece, but the folder has vocab.txt",
  );
  await expect(read({ "vocab.txt": Uint8Array.of(0xff) })).rejects.toThrow("vocab.txt: is not UTF-8 text");
  await expect(read({ "tokenizer.json": Uint8Array.of(0x7b, 0x20, 0xe9, 0x7d) })).rejects.toThrow(
    "tokenizer.json: is not UTF-8 text: byte 0xe9 at position 2",
  );
  await expect(read({ "vocab.json": "[1]", "merges.txt": "" })).rejects.toThrow("vocab.json must be an object");
  await expect(read({ "vocab.json": "{", "merges.txt": "" })).rejects.toThrow("vocab.json: is not JSON: ");
  await expect(read({ "vocab.json": "{}", "merges.txt": "a b c" })).rejects.toThrow(
    'merges.txt: line 1 must be two pieces, but is "a b c"',
  );
  await expect(read({ "vocab.json": '{"a":0}', "merges.txt": "a b" })).rejects.toThrow(
    'model.merges[0] joins "a" and "b", but the vocabulary has no "ab"',
  );
});
