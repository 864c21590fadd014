import { expect, test } from "vitest";
import { byteTokenizer } from "./byte.ts";

test("the id of a byte is the byte, and special tokens come after", () => {
  const tokenizer = byteTokenizer({ specialTokens: { bos: "<bos>", eos: "<eos>" } });
  expect(tokenizer.vocabSize).toBe(258);
  expect([...tokenizer.encodeIds("<bos>é\n<eos>")]).toEqual([256, 195, 169, 10, 257]);
});

test("a byte's token is its letter in GPT-2's alphabet, and its offsets are its character's", () => {
  expect(byteTokenizer().encode("é \n")).toMatchObject({
    ids: [195, 169, 32, 10],
    tokens: ["Ã", "©", "Ġ", "Ċ"],
    offsets: [
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 3],
    ],
  });
});

test("decoding byte by byte gives each character with its last byte", () => {
  const stream = byteTokenizer().decodeStream();
  expect([..."aé😀"].flatMap((c) => [...new TextEncoder().encode(c)]).map((byte) => stream.push(byte))).toEqual([
    "a",
    "",
    "é",
    "",
    "",
    "",
    "😀",
  ]);
  expect(stream.end()).toBe("");
});

test("bytes that are no UTF-8 become U+FFFD, one for each sequence cut short", () => {
  const tokenizer = byteTokenizer();
  expect(tokenizer.decode([0xe2, 0x82, 0x41, 0xff, 0xf0, 0x9f])).toBe("\ufffdA\ufffd\ufffd");
  const stream = tokenizer.decodeStream();
  expect([stream.push([0xf0, 0x9f, 0x98]), stream.end()]).toEqual(["", "\ufffd"]);
});

test("a byte order mark is part of the text", () => {
  const tokenizer = byteTokenizer();
  expect(tokenizer.decode(tokenizer.encodeIds("\ufeffa"))).toBe("\ufeffa");
});

test("a special token outside ASCII is refused", () => {
  expect(() => byteTokenizer({ specialTokens: { eos: "«eos»" } })).toThrow(
    'byteTokenizer: special token "«eos»": must be printable ASCII, such as "<eos>"',
  );
});
