/**
 * Tokens added to a vocabulary, special ones among them: found in a text before the model sees it, whatever it would make
 * of their letters. Where two begin at one place the longer wins (`added_tokens` of `tokenizer.json`).
 */
import { type Fields, show } from "./check-json.ts";
import type { Edit } from "./edit.ts";
import { escapeRegex } from "./special-tokens.ts";

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no word character stands beside it. */
  readonly singleWord: boolean;
  /** It takes the white space before it, or after it, along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Looked for in the normalized text, and normalized itself; otherwise in the text as it was written. */
  readonly normalized: boolean;
  /** Left out by decoding with skipSpecialTokens. */
  readonly special: boolean;
}

/** A part of a text: [start, end) in UTF-16 units, and the added token that stands there, if one does. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly token: AddedToken | undefined;
}

/** Reads `added_tokens`; a token has its id in `vocab` or the next free one. @throws for another id, or a second use. */
export function readAddedTokens(list: readonly Fields[], vocab: ReadonlyMap<string, number>): AddedToken[] {
  const byContent = new Map<string, AddedToken>();
  let next = vocab.size;
  for (const part of list) {
    const content = part.text("content");
    if (content === "" || !content.isWellFormed())
      throw new Error(`${part.place}.content is ${show(content)}; it must be text`);
    const known = vocab.get(content) ?? byContent.get(content)?.id;
    const id = known ?? next++;
    const given = part.count("id", id);
    if (given !== id)
      throw new Error(
        `${part.place}.id is ${given} instead of ${id}, ${known === undefined ? "the next that is free" : "which the vocabulary gives it"}`,
      );
    const flag = (key: string, absent = false) => part.flag(key, absent);
    const special = flag("special");
    byContent.set(content, {
      ...{ id, content, special, lstrip: flag("lstrip"), rstrip: flag("rstrip") },
      ...{ singleWord: flag("single_word"), normalized: flag("normalized", !special) },
    });
  }
  return [...byContent.values()];
}

/** Word characters and spaces as the Rust crate `regex` has them. */
const word = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const wordAtEnd = new RegExp(`${word}$`, "u");
const wordAtStart = new RegExp(`^${word}`, "u");
const space = /^\p{White_Space}$/u;

/** Goes through a text and finds tokens, each by the text that `written` gives for it. */
export function addedTokenFinder(
  tokens: readonly AddedToken[],
  written: (token: AddedToken) => string,
): (text: string) => Found[] {
  const byText = new Map(tokens.map((token) => [written(token), token]));
  byText.delete("");
  const texts = [...byText.keys()].sort((a, b) => b.length - a.length);
  if (texts.length === 0) return (text) => (text === "" ? [] : [{ start: 0, end: text.length, token: undefined }]);
  const pattern = new RegExp(texts.map(escapeRegex).join("|"), "gu");

  return (text) => {
    const found: Found[] = [];
    let done = 0;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      const token = byText.get(match)!;
      let [start, end] = [index, index + match.length];
      if (
        token.singleWord &&
        (wordAtEnd.test(text.slice(Math.max(0, start - 2), start)) || wordAtStart.test(text.slice(end, end + 2)))
      )
        continue;
      if (token.lstrip) while (start > done && space.test(text[start - 1]!)) start--;
      if (token.rstrip) while (end < text.length && space.test(text[end]!)) end++;
      if (start > done) found.push({ start: done, end: start, token: undefined });
      found.push({ start, end, token });
      done = end;
    }
    if (done < text.length) found.push({ start: done, end: text.length, token: undefined });
    return found;
  };
}

/** The text by which a token is looked for, and by which it is called once it has been found. */
export const writtenAs = (normalizer: Edit | undefined) => (token: AddedToken) =>
  token.normalized && normalizer ? normalizer.apply(token.content, true) : token.content;
