/** Decoders by their names in `tokenizer.json`: from a list of tokens to the texts that, joined, are the text. */
import { byteAlphabet } from "../byte.ts";
import { type Fields, partOf } from "../check-json.ts";
import { matchesOf, readPattern } from "../pattern.ts";
import { prependSchemes } from "../pre-tokenizers/metaspace.ts";
import { byteFallback, byteLevel } from "./bytes.ts";

export interface Decoder {
  decode(tokens: readonly string[]): string[];
  /** Whether the text of tokens at the end may change when more come, beyond an unfinished character. */
  unfinished?(token: string): boolean;
}

const each = (change: (token: string, i: number, all: readonly string[]) => string): Decoder => ({
  decode: (tokens) => tokens.map(change),
});

const kinds: { readonly [type: string]: (part: Fields) => Decoder } = {
  ByteLevel: () => byteLevel(byteAlphabet),
  ByteFallback: () => byteFallback,
  WordPiece(part) {
    const prefix = part.text("prefix", "##");
    const clean = part.flag("cleanup", true) ? cleanUp : (text: string) => text;
    return each((token, i) =>
      clean(i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`),
    );
  },
  Metaspace(part) {
    const replacement = part.text("replacement");
    const absent = part.flag("add_prefix_space", true) ? "always" : "never";
    const never = part.choice("prepend_scheme", prependSchemes, absent) === "never";
    return each((token, i) => token.replaceAll(replacement, i === 0 && !never ? "" : " "));
  },
  BPEDecoder(part) {
    const suffix = part.text("suffix", "</w>");
    return each((token, i, { length }) => token.replaceAll(suffix, i === length - 1 ? "" : " "));
  },
  Fuse: () => ({ decode: (tokens) => [tokens.join("")] }),
  Strip(part) {
    const [content, start, stop] = [part.text("content"), part.count("start"), part.count("stop")];
    return each((token) => {
      const characters = [...token];
      let from = 0;
      while (from < start && characters[from] === content) from++;
      let to = characters.length;
      while (characters.length - to < stop && to > from && characters[to - 1] === content) to--;
      return characters.slice(from, to).join("");
    });
  },
  Replace(part) {
    const [pattern, content] = [readPattern(part), part.text("content")];
    return each((token) => {
      let [text, done] = ["", 0];
      for (const { 0: match, index } of matchesOf(pattern, token)) {
        text += token.slice(done, index) + content;
        done = index + match.length;
      }
      return text + token.slice(done);
    });
  },
  CTC(part) {
    const pad = part.text("pad_token", "<pad>");
    const delimiter = part.text("word_delimiter_token", "|");
    const clean = part.flag("cleanup", true)
      ? (text: string) => cleanUp(text).replaceAll(delimiter, " ")
      : (text: string) => text;
    return {
      decode: (tokens) =>
        tokens
          .filter((token, i) => token !== tokens[i - 1])
          .map((token) => clean(token.replaceAll(pad, "")))
          .filter((token) => token !== ""),
    };
  },
  Sequence(part) {
    const decoders = part.list("decoders").map(readDecoder);
    return {
      decode: (tokens) => decoders.reduce((before, decoder) => decoder.decode(before), [...tokens]),
      unfinished: (token) => decoders.some((decoder) => decoder.unfinished?.(token)),
    };
  },
};

/** @throws for a type that is not known, with its place. */
export const readDecoder = (part: Fields): Decoder => partOf(part, kinds);

/** English as it is written (BERT's and wav2vec2's). */
const cleanUp = (text: string) =>
  text
    .replaceAll(" .", ".")
    .replaceAll(" ?", "?")
    .replaceAll(" !", "!")
    .replaceAll(" ,", ",")
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(" do not", " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");
