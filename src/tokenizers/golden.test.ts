/** What Hugging Face's library said about these tokenizers (golden/hugging-face.py), without it. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { byteTokenizer, charTokenizer, fromJson, type Tokenizer, wordTokenizer } from "./index.ts";

interface Decoded {
  ids: number[];
  decoded: string;
  plain: string;
}
type Encoded = { text: string } & ({ refused: true } | (Decoded & { tokens: string[]; offsets: [number, number][] }));
interface Golden {
  text: string;
  tokenizers: { name: string; json: { model: object }; encoded: Encoded[]; decoded: Decoded[] }[];
}

const file = new URL("golden/hugging-face.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as Golden;

const trained: Record<string, (text: string) => Tokenizer> = {
  character: (text) => charTokenizer(text),
  "character with special tokens": (text) => charTokenizer(text, { specialTokens: { unk: "<unk>", eos: "<eos>" } }),
  byte: () => byteTokenizer(),
  "byte with special tokens": () => byteTokenizer({ specialTokens: { bos: "<bos>", eos: "<eos>" } }),
  word: (text) => wordTokenizer(text),
  "word, lower case, frequent": (text) =>
    wordTokenizer(text, { lowercase: true, minFrequency: 2, vocabSize: 16, specialTokens: { eos: "<eos>" } }),
};

describe.each(golden.tokenizers)("$name", ({ name, json, encoded, decoded }) => {
  const ours = trained[name]!(golden.text);

  test("trained here it is the tokenizer.json that Hugging Face's library writes", () => {
    expect(ours.toJson()).toEqual(json);
  });

  test("read from that file it gives the same ids, tokens and offsets", () => {
    const tokenizer = fromJson(json);
    for (const example of encoded) {
      const { text } = example;
      if ("refused" in example) expect(() => tokenizer.encode(text)).toThrow("is not in the vocabulary");
      else {
        const { ids, tokens, offsets } = example;
        expect({ ...tokenizer.encode(text), text }).toMatchObject({ text, ids, tokens, offsets });
        expect([...tokenizer.encodeIds(text)]).toEqual(ids);
      }
    }
  });

  test("it decodes to the same text, at once and id by id, whatever the ids", () => {
    for (const example of [...encoded, ...decoded]) {
      if ("refused" in example) continue;
      const { ids, decoded, plain } = example;
      expect(ours.decode(ids)).toBe(decoded);
      expect(ours.decode(ids, { skipSpecialTokens: true })).toBe(plain);
      const stream = ours.decodeStream();
      expect(ids.map((id) => stream.push(id)).join("") + stream.end()).toBe(decoded);
    }
  });
});
