/** Pre-tokenizers by their names in `tokenizer.json`: how a text is cut into the pieces that the model gets. */
import { type Fields, partOf } from "../check-json.ts";
import { readPattern } from "../pattern.ts";
import { escapeRegex } from "../special-tokens.ts";
import { punctuation } from "../unicode-8.ts";
import { byteLevel } from "./byte-level.ts";
import { metaspace, prependSchemes } from "./metaspace.ts";
import { unicodeScripts } from "./scripts.ts";
import { behaviors, cutOut, type Stage, splitAt } from "./stage.ts";

const mark = new RegExp(punctuation.source, "gv");
/** Punctuation one by one, and what is between it and spaces. */
const wordsAndMarks = new RegExp(`${punctuation.source}|[^${punctuation.source}\\p{White_Space}]+`, "gv");
/** Words and runs of other characters, as the Rust crate `regex` counts word characters. */
const runs =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;

const kinds: { readonly [type: string]: (part: Fields) => Stage[] } = {
  ByteLevel: (part) =>
    byteLevel({ addPrefixSpace: part.flag("add_prefix_space"), useRegex: part.flag("use_regex", true) }),
  BertPreTokenizer: () => [cutOut(wordsAndMarks)],
  Whitespace: () => [splitAt(runs, "Removed", true)],
  WhitespaceSplit: () => [cutOut(/\P{White_Space}+/gu)],
  Metaspace(part) {
    const prefix = part.flag("add_prefix_space", true);
    const prependScheme = part.choice("prepend_scheme", prependSchemes, prefix ? "always" : "never");
    if (!prefix && prependScheme !== "never")
      throw new Error(`${part.place}.add_prefix_space is false, but prepend_scheme is "${prependScheme}"`);
    return metaspace({ replacement: part.text("replacement"), prependScheme, split: part.flag("split", true) });
  },
  Split: (part) => [splitAt(readPattern(part), part.choice("behavior", behaviors), part.flag("invert"))],
  Punctuation: (part) => [splitAt(mark, part.choice("behavior", behaviors, "Isolated"))],
  CharDelimiterSplit: (part) => [splitAt(new RegExp(escapeRegex(part.text("delimiter")), "gu"), "Removed")],
  Digits: (part) => [splitAt(/\p{N}/gu, part.flag("individual_digits") ? "Isolated" : "Contiguous")],
  UnicodeScripts: () => [unicodeScripts],
  FixedLength(part) {
    const length = part.count("length", 5);
    if (length === 0) throw new Error(`${part.place}.length is 0; a piece has at least one character`);
    return [splitAt(new RegExp(`[\\s\\S]{1,${length}}`, "gu"), "Isolated")];
  },
  Sequence: (part) => part.list("pretokenizers").flatMap(readPreTokenizer),
};

/** @throws for a type that is not known, with its place. */
export const readPreTokenizer = (part: Fields): Stage[] => partOf(part, kinds);
