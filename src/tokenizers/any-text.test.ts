/** What holds for every text, tried on random ones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chop, strangeText } from "../../test/strange-text.ts";
import {
  byteTokenizer,
  charTokenizer,
  encodeChunks,
  fromJson,
  type Tokenizer,
  tokenizerConfig,
  trainCharTokenizer,
  trainWordTokenizer,
  wordTokenizer,
} from "./index.ts";

const specialTokens = { unk: "<unk>", bos: "<bos>", eos: "<|eos|>", pad: "[PAD]" };
const trained: Record<string, (text: string) => Tokenizer> = {
  character: (text) => charTokenizer(text),
  "character with special tokens": (text) => charTokenizer(text.slice(0, text.length / 2), { specialTokens }),
  byte: () => byteTokenizer(),
  "byte with special tokens": () => byteTokenizer({ specialTokens }),
  word: (text) => wordTokenizer(text),
  "word, lower case, frequent": (text) =>
    wordTokenizer(`${text} a a a`, { lowercase: true, minFrequency: 3, specialTokens }),
};

const everyKind = describe.each(Object.entries(trained));

everyKind("%s tokenizer, any text", (_, train) => {
  const holds = (check: (tokenizer: Tokenizer, text: string) => void) => {
    const property = fc.property(strangeText, strangeText, (seen, other) => {
      check(train(`a b${seen}${other}`), `${other}a`);
    });
    fc.assert(property, { numRuns: 50 });
  };

  test("encodeIds gives the ids of encode", () => {
    holds((tokenizer, text) => expect([...tokenizer.encodeIds(text)]).toEqual(tokenizer.encode(text).ids));
  });

  test("tokens are the vocabulary's, and offsets go through the text from left to right", () => {
    holds((tokenizer, text) => {
      const { ids, tokens, offsets } = tokenizer.encode(text);
      expect(tokens).toEqual(ids.map(tokenizer.idToToken));
      expect(ids).toEqual(tokens.map(tokenizer.tokenToId));
      const starts = offsets.map(([start]) => start);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      for (const [start, end] of offsets) expect(text.slice(start, end).isWellFormed() && end > start).toBe(true);
    });
  });

  test("decoding id by id gives whole characters, and together what decoding at once gives", () => {
    holds((tokenizer, text) => {
      const ids = [...tokenizer.encodeIds(text), ...Array.from(text, (_, i) => (i * 7919) % tokenizer.vocabSize)];
      const stream = tokenizer.decodeStream();
      const parts = [...ids.map((id) => stream.push(id)), stream.end()];
      expect(parts.join("")).toBe(tokenizer.decode(ids));
      expect(parts.every((part) => part.isWellFormed())).toBe(true);
    });
  });

  test("its JSON makes the same tokenizer again", () => {
    holds((tokenizer, text) => {
      const again = fromJson(
        JSON.parse(JSON.stringify(tokenizer.toJson())),
        JSON.parse(JSON.stringify(tokenizerConfig(tokenizer.specialTokens))),
      );
      expect(again.toJson()).toEqual(tokenizer.toJson());
      expect(again.specialTokens).toEqual(tokenizer.specialTokens);
      expect(again.encode(text)).toEqual(tokenizer.encode(text));
    });
  });

  test("text in chunks, wherever it is cut, gives the ids of the whole", async () => {
    await fc.assert(
      fc.asyncProperty(strangeText, fc.array(fc.nat(200)), async (text, cuts) => {
        const tokenizer = train(`a b${text}`);
        const ids: number[] = [];
        for await (const some of encodeChunks(tokenizer, chop(text, cuts))) ids.push(...some);
        expect(ids).toEqual([...tokenizer.encodeIds(text)]);
      }),
    );
  });
});

/** Any UTF-16, broken pairs included. */
const anyUnits = fc.array(fc.nat(0xffff), { size: "max", maxLength: 50 }).map((units) => String.fromCharCode(...units));
const anyText = fc.oneof(anyUnits, strangeText, fc.string({ unit: "binary" }));

test("character and byte tokenizers give back every text, with U+FFFD for half a surrogate pair", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const tokenizer of [charTokenizer(`x${text}`), byteTokenizer()]) {
        const { ids } = tokenizer.encode(text);
        expect(tokenizer.decode(ids)).toBe(text.toWellFormed());
        expect([...tokenizer.encodeIds(text)]).toEqual(ids);
      }
    }),
  );
});

test("a word tokenizer gives back every text whose words it knows", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const plain = text.replaceAll("\uFDD0", "").replaceAll("<unk>", "");
      const tokenizer = wordTokenizer(`x ${plain}`);
      expect(tokenizer.decode(tokenizer.encodeIds(plain))).toBe(plain.toWellFormed());
    }),
  );
});

test("offsets cut the token's own text out of the text: for words, characters, and the character of a byte", () => {
  fc.assert(
    fc.property(strangeText, (text) => {
      for (const tokenizer of [charTokenizer(`x${text}`), wordTokenizer(`x${text}`)]) {
        const { tokens, offsets } = tokenizer.encode(text);
        const cut = offsets.map(([start, end]) => text.slice(start, end));
        expect(cut).toEqual(tokens.map((token, i) => (token === "<unk>" ? cut[i] : token)));
      }
      const { ids, offsets } = byteTokenizer().encode(text);
      const characters = offsets.filter(([start], i) => start !== offsets[i - 1]?.[0]);
      expect(characters.map(([start, end]) => text.slice(start, end)).join("")).toBe(text);
      expect(ids).toEqual([...new TextEncoder().encode(text)]);
    }),
  );
});

test("training in chunks, wherever they are cut, learns what training on the whole learns", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, fc.array(fc.nat(200)), async (text, cuts) => {
      const whole = `x ${text}`;
      const options = { lowercase: true, minFrequency: 1, specialTokens };
      const inChunks = await trainWordTokenizer(chop(whole, cuts), options);
      expect(inChunks.toJson()).toEqual(wordTokenizer(whole, options).toJson());
      const characters = await trainCharTokenizer(chop(whole, cuts));
      expect(characters.toJson()).toEqual(charTokenizer(whole).toJson());
    }),
  );
});
