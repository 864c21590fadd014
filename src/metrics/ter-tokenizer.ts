/** How TER cuts a line into words: Tercom's normalisation (Snover et al. 2006) as sacreBLEU 2.6 has it. */
import { splitWords } from "./words.ts";

export interface TerTokenizerOptions {
  /** Parts marks from words, and reads XML's escapes. */
  readonly normalized?: boolean;
  /** Leaves out . , ? : ; ! " ( and ). */
  readonly noPunct?: boolean;
  /** Does both for Chinese and Japanese too, cutting them into characters; alone it does nothing. */
  readonly asianSupport?: boolean;
  readonly caseSensitive?: boolean;
}

const ASIAN_MARKS =
  /[\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09]/g;

/** The words of a line. */
export function terWords(
  line: string,
  { normalized = false, noPunct = false, asianSupport = false, caseSensitive = false }: TerTokenizerOptions = {},
): string[] {
  if (!caseSensitive) line = line.toLowerCase();
  if (normalized) line = western(line);
  if (normalized && asianSupport) line = asian(line);
  if (noPunct) line = line.replace(/[.,?:;!"()]/g, "");
  if (noPunct && asianSupport) line = line.replace(ASIAN_MARKS, "");
  return splitWords(line);
}

const western = (line: string): string =>
  ` ${line
    .replaceAll("\n-", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")} `
    .replace(/[{-~[-` -&(-+:-@/]/g, " $& ")
    .replaceAll("'s ", " 's ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ");

/**
 * Chinese characters alone, from U+3200 on as far as the reference's table reaches. Its rules for kana ask for the
 * start of a line, where a space stands by now: kana stay words.
 */
const asian = (line: string): string =>
  line
    .replace(/[\u2e80-\u2eff\u31c0-\u31ef\u3200-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f]/g, " $& ")
    .replace(ASIAN_MARKS, " $& ");
