/** Normalizers by their names in `tokenizer.json`: what is done to a text before it is cut. */
import { type Fields, partOf } from "../check-json.ts";
import { type Edit, editSequence } from "../edit.ts";
import { readPattern } from "../pattern.ts";
import { byteLevelEdit } from "../pre-tokenizers/byte-level.ts";
import { bertNormalizer, lowercase, stripAccents } from "./bert.ts";
import { precompiled } from "./precompiled.ts";
import { append, nmt, prepend, replace, strip } from "./replace.ts";
import { unicodeForm } from "./unicode-forms.ts";

const kinds: { readonly [type: string]: (part: Fields) => Edit } = {
  NFC: () => unicodeForm("NFC"),
  NFD: () => unicodeForm("NFD"),
  NFKC: () => unicodeForm("NFKC"),
  NFKD: () => unicodeForm("NFKD"),
  Lowercase: () => lowercase,
  StripAccents: () => stripAccents,
  BertNormalizer: (part) =>
    bertNormalizer({
      cleanText: part.flag("clean_text"),
      handleChineseChars: part.flag("handle_chinese_chars"),
      stripAccents: part.flag("strip_accents", part.flag("lowercase")),
      lowercase: part.flag("lowercase"),
    }),
  Replace: (part) => replace(readPattern(part), part.text("content")),
  Prepend: (part) => prepend(part.text("prepend")),
  Append: (part) => append(part.text("append")),
  Strip: (part) => strip(part.flag("strip_left"), part.flag("strip_right")),
  Nmt: () => nmt,
  Precompiled: (part) => {
    const text = part.text("precompiled_charsmap", "");
    return text === "" ? editSequence([]) : precompiled(fromBase64(text), `${part.place}.precompiled_charsmap`);
  },
  ByteLevel: () => byteLevelEdit,
  Sequence: (part) => editSequence(part.list("normalizers").map(readNormalizer)),
};

/** @throws for a type that is not known, with its place. */
export const readNormalizer = (part: Fields): Edit => partOf(part, kinds);

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
