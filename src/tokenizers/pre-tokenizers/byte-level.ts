/**
 * GPT-2's way to cut text and to write its bytes (Radford et al. 2019, `encoder.py`): words with the space before them,
 * every byte of them as a character of `byteAlphabet`.
 */
import { byteAlphabet } from "../byte.ts";
import { type Edit, editCharacters } from "../edit.ts";
import { prepend } from "../normalizers/replace.ts";
import { type Stage, splitAt } from "./stage.ts";

/** GPT-2's expression; `\s` is Unicode's white space there, which JavaScript's is not. */
const words =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

const utf8 = new TextEncoder();
const letters = (character: string) => Array.from(utf8.encode(character), (byte) => byteAlphabet[byte]!).join("");
const plain = /^[!-~]*$/; // these bytes stand for themselves

const eachCharacter = editCharacters(/[\s\S]/gu, letters);

/** A text's UTF-8 in the byte alphabet; a byte stands where its character stood. */
export const byteLevelEdit: Edit = {
  apply(text) {
    if (plain.test(text)) return text;
    const bytes = utf8.encode(text);
    let written = "";
    for (const byte of bytes) written += byteAlphabet[byte]!;
    return written;
  },
  trace: (text) => (plain.test(text) ? { text } : eachCharacter.trace(text, false)),
};

const addSpace = prepend(" ");
const prefixSpace: Edit = {
  apply: (text, first) => (text.startsWith(" ") ? text : addSpace.apply(text, first)),
  trace: (text, first) => (text.startsWith(" ") ? { text } : addSpace.trace(text, first)),
};

export function byteLevel({ addPrefixSpace, useRegex }: { addPrefixSpace: boolean; useRegex: boolean }): Stage[] {
  return [
    ...(addPrefixSpace ? [{ edit: prefixSpace, everywhere: true }] : []),
    ...(useRegex ? [splitAt(words, "Isolated")] : []),
    { edit: byteLevelEdit, everywhere: true },
  ];
}
