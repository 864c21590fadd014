/**
 * Byte tokenizer: the id of a byte of the text's UTF-8 is the byte. 256 tokens say every text, and nothing is learned
 * (as in ByT5, arXiv:2105.13626, but ids are not shifted). Tokens are shown in GPT-2's byte alphabet: "Ġ" is a space.
 */
import { cutCharacters } from "./chunks.ts";
import { distinct } from "./special-tokens.ts";
import { type Piece, type SpecialTokens, type Tokenizer, tokenizer } from "./tokenizer.ts";
import { vocabulary } from "./vocabulary.ts";

export interface ByteOptions {
  /** They get ids from 256 on. */
  specialTokens?: SpecialTokens;
}

/**
 * @example
 * byteTokenizer().encode("é").ids; // [195, 169]
 */
export const byteTokenizer = ({ specialTokens = {} }: ByteOptions = {}): Tokenizer =>
  byteTokenizerOf(distinct(specialTokens), specialTokens);

/** The tokenizer with given special tokens, whose ids follow the bytes'. */
export function byteTokenizerOf(special: readonly string[], specialTokens: SpecialTokens): Tokenizer {
  const odd = special.find((token) => !/^[ -~]*$/.test(token)); // the ByteLevel decoder would read "é" as the byte E9
  if (odd !== undefined)
    throw new Error(`byteTokenizer: special token ${JSON.stringify(odd)}: must be printable ASCII, such as "<eos>"`);

  const all = vocabulary([...byteAlphabet, ...special]);
  const utf8 = new TextEncoder();

  return tokenizer({
    vocabulary: all,
    special,
    specialTokens,
    onePiece: true,
    encodeIds: (text) => new Int32Array(utf8.encode(text)),
    *encodePieces(text): Iterable<Piece> {
      const bytes = utf8.encode(text);
      let next = 0;
      let start = 0;
      for (const character of text) {
        const end = start + character.length; // where each of the character's bytes stands
        for (const last = next + utf8Length(character); next < last; next++) yield [bytes[next]!, start, end];
        start = end;
      }
    },
    /** A character comes out with its last byte; U+FFFD for each sequence that no byte can complete. */
    decoder() {
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // "ignore" keeps a leading U+FEFF in the text
      const bytes = (ids: readonly number[]) => {
        const bytes: number[] = [];
        for (const id of ids) {
          if (id < 256) bytes.push(id);
          else bytes.push(...utf8.encode(all.tokens[id]!));
        }
        return new Uint8Array(bytes);
      };
      return { push: (ids) => decoder.decode(bytes(ids), { stream: true }), end: () => decoder.decode() };
    },
    cut: cutCharacters,
    parts: {
      ...byteParts,
      model: { ...byteParts.model, vocab: Object.fromEntries(byteAlphabet.map((token, byte) => [token, byte])) },
    },
  });
}

function utf8Length(character: string): number {
  const code = character.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/**
 * GPT-2's alphabet: a printable character for every byte, because a `vocab` holds strings. Printable Latin-1 stands for
 * itself, the other 68 bytes for U+0100 and on (Radford et al. 2019, `bytes_to_unicode` in its `encoder.py`).
 */
export const byteAlphabet: readonly string[] = (() => {
  const printable = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/**
 * In `tokenizer.json`: ByteLevel writes the text's bytes in the alphabet above, and byte-pair encoding that has learned
 * no merge gives each one its id. The decoder goes back and writes U+FFFD where bytes are no UTF-8. Without
 * `use_regex: false` the text would first be cut into words, to no effect but time.
 */
export const byteParts = {
  normalizer: null,
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
  post_processor: null,
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true }, // its options do nothing
  model: {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    merges: [],
  },
};
