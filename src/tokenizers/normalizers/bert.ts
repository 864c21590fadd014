/**
 * BERT's normalizer: controls out, every space a space, spaces around Chinese characters, accents off, lower case
 * (Devlin et al. 2019, `BasicTokenizer` of its `tokenization.py`, as the Rust crate `tokenizers` has it).
 */
import { type Edit, editCharacters, editRuns, editSequence } from "../edit.ts";
import { combining, nonspacing } from "../unicode-8.ts";
import { unicodeForm } from "./unicode-forms.ts";

const all = ({ source }: RegExp) => new RegExp(source, "gv");

export const lowercase: Edit = editCharacters(/\p{Changes_When_Lowercased}/gu, (character) => character.toLowerCase());

/** Takes every mark off; what is one character with its accent keeps it. */
export const stripAccents: Edit = editCharacters(all(combining), () => "");

/** Controls, format and private-use characters of Unicode 12 (`unicode_categories` and newer assignments alike). */
const controls = /[[\0\ufffd\p{Cc}\p{Cf}\p{Co}]--[\t\n\r\u0890\u0891\u08e2\u{110cd}\u{13430}-\u{1343f}]]/gv;
const chinese =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;

export interface BertOptions {
  cleanText: boolean;
  handleChineseChars: boolean;
  /** By default as `lowercase`. */
  stripAccents?: boolean;
  lowercase: boolean;
}

export function bertNormalizer(options: BertOptions): Edit {
  const edits: Edit[] = [];
  if (options.cleanText) {
    edits.push(editCharacters(controls, () => ""));
    edits.push(editCharacters(/\p{White_Space}/gu, () => " "));
  }
  if (options.handleChineseChars) edits.push(editCharacters(chinese, (character) => ` ${character} `));
  if (options.stripAccents ?? options.lowercase) {
    edits.push(unicodeForm("NFD"));
    edits.push(editCharacters(all(nonspacing), () => ""));
  }
  if (options.lowercase) edits.push(lowercase);
  const plain = options.lowercase ? (text: string) => text.toLowerCase() : (text: string) => text;
  return editRuns(editSequence(edits), odd, plain);
}

/** Runs of what may change by more than its case; no change depends on the printable ASCII beside it. */
const odd = /[^ -~]+/g;
