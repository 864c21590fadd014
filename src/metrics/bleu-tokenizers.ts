/**
 * How BLEU cuts a line into tokens, as sacreBLEU 2.6 does (Post 2018, "A call for clarity in reporting BLEU scores"):
 * scores compare only if the tokenizer is the same. "13a" is NIST's mteval-v13a.pl, WMT's; "intl" its v14 for all
 * scripts.
 */
import { splitWords, strip } from "./words.ts";

export type Tokenize = (line: string) => string[];

/** mteval-v13a: marks part from words, a period or comma between digits does not. */
const thirteenA: Tokenize = (line) => {
  line = line.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  if (line.includes("&"))
    line = line.replaceAll("&quot;", '"').replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">");
  return western(` ${line} `);
};

const western: Tokenize = (line) =>
  splitWords(
    line
      .replace(/[{-~[-` -&(-+:-@/]/g, " $& ")
      .replace(/([^0-9])([.,])/gu, "$1 $2 ")
      .replace(/([.,])([^0-9])/gu, " $1 $2")
      .replace(/([0-9])(-)/g, "$1 $2 "),
  );

/** mteval-v14: every script's punctuation, except between numbers, and every symbol. */
const international: Tokenize = (line) =>
  splitWords(
    line
      .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
      .replace(/(\p{P})(\P{N})/gu, " $1 $2")
      .replace(/\p{S}/gu, " $& "),
  );

/**
 * Every Chinese character alone, the rest as 13a cuts it. The reference writes U+20000 … U+2A6D6 with four digits, so
 * that its table holds U+2001 … U+2A6D, and U+2F81 … U+2FA1, instead; a score that is to equal it must too.
 */
const chinese: Tokenize = (line) =>
  western(
    strip(line).replace(
      /[\u2001-\u2a6d\u2e80-\u2fdf\u2ff0-\u303f\u3100-\u312f\u31a0-\u31bf\u31c0-\u31ef\u3200-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef]/g,
      " $& ",
    ),
  );

export const bleuTokenizers = {
  "13a": thirteenA,
  none: splitWords,
  char: (line) => splitWords([...line].join(" ")),
  intl: international,
  zh: chinese,
} as const satisfies Record<string, Tokenize>;
export type BleuTokenizer = keyof typeof bleuTokenizers;
