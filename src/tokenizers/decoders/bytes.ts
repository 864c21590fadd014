/** Decoders of tokens that are bytes: GPT-2's byte alphabet, and SentencePiece's `<0xE2>`. */
import type { Decoder } from "./read.ts";

const utf8 = new TextEncoder();

/** Every token's characters as bytes, all of them as UTF-8, U+FFFD where they are none; other characters stand for themselves. */
export function byteLevel(alphabet: readonly string[]): Decoder {
  const byteOf = new Map(alphabet.map((character, byte) => [character, byte]));
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const bytesOf = (token: string): ArrayLike<number> => {
    const bytes: number[] = [];
    for (const character of token) {
      const byte = byteOf.get(character);
      if (byte === undefined) return utf8.encode(token);
      bytes.push(byte);
    }
    return bytes;
  };
  return {
    decode(tokens) {
      const parts = tokens.map(bytesOf);
      const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        all.set(part, at);
        at += part.length;
      }
      return [decoder.decode(all)];
    },
  };
}

const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const isByte = (token: string) => /^<0x[0-9A-Fa-f]{2}>$/.test(token);

/** A run of bytes is its text, or as many U+FFFD as bytes if it is no UTF-8. */
export const byteFallback: Decoder = {
  decode(tokens) {
    const texts: string[] = [];
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length === 0) return;
      try {
        texts.push(strict.decode(Uint8Array.from(bytes)));
      } catch {
        for (const _ of bytes) texts.push("\ufffd");
      }
      bytes = [];
    };
    for (const token of tokens) {
      if (isByte(token)) bytes.push(Number.parseInt(token.slice(3, 5), 16));
      else {
        flush();
        texts.push(token);
      }
    }
    flush();
    return texts;
  },
  unfinished: isByte,
};
