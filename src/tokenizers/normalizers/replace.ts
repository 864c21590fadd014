/** Edits of whole texts: replacing matches, adding to an end, taking spaces off an end, SentencePiece's white space. */
import { type Edit, editCharacters, editSequence, replaceTraced, type Traced } from "../edit.ts";
import { matchesOf } from "../pattern.ts";

/** What a match becomes stands where its last character stood. */
export function replace(pattern: RegExp, content: string): Edit {
  function trace(text: string): Traced {
    let moved = content.length !== 1;
    const edited = text.replace(pattern, (match) => {
      if (match.length !== 1) moved = true;
      return content;
    });
    if (!moved) return { text: edited };
    const sourceOf = (_: number, end: number) => end - 1;
    return replaceTraced(text, matchesOf(pattern, text), () => content, sourceOf);
  }
  const empty = pattern.test("");
  pattern.lastIndex = 0;
  return { apply: (text) => (empty ? trace(text).text : text.replace(pattern, () => content)), trace };
}

/** Text before every text that is not empty; it stands where the first character stood. */
export function prepend(added: string): Edit {
  return {
    apply: (text) => (text === "" ? text : added + text),
    trace(text) {
      if (text === "" || added === "") return { text };
      const source = Int32Array.from({ length: added.length + text.length }, (_, i) => Math.max(0, i - added.length));
      return { text: added + text, source };
    },
  };
}

/** Text after every text; it stands where the last character stood. */
export function append(added: string): Edit {
  return {
    apply: (text) => text + added,
    trace(text) {
      const last = text.length - 1;
      const source = Int32Array.from({ length: text.length + added.length }, (_, i) => Math.min(i, last));
      return { text: text + added, source };
    },
  };
}

/** Without the white space at an end, or at both. */
export function strip(left: boolean, right: boolean): Edit {
  const edits = [];
  if (left) edits.push(replace(/(?<![\s\S])\p{White_Space}+/gu, ""));
  if (right) edits.push(replace(/(?<!\p{White_Space})\p{White_Space}+(?![\s\S])/gu, ""));
  return editSequence(edits);
}

/** Controls out, odd spaces a space (`nmt_nfkc` of SentencePiece, without its nfkc). */
export const nmt: Edit = editSequence([
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it takes out
  editCharacters(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g, () => ""),
  editCharacters(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, () => " "),
]);
