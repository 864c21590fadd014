/** Text from ids as they come, for any decoder: what a longer list of tokens adds to the text of a shorter one. */
import type { DecodeStream } from "../tokenizer.ts";
import type { Decoder } from "./read.ts";

/** @param named the tokens of ids, those that are left out left out. */
export function decodeStreamOf(decoder: Decoder, named: (ids: Iterable<number>) => string[]): DecodeStream {
  const textOf = (tokens: readonly string[]) => (tokens.length === 0 ? "" : decoder.decode(tokens).join(""));
  let before: string[] = []; // tokens whose text is out, as many as the next ones' text depends on
  let waiting: string[] = [];

  function release(): string {
    const text = textOf([...before, ...waiting]).slice(textOf(before).length);
    if (waiting.length > 0) before = before.length === 0 ? waiting : [...before.slice(-1), ...waiting];
    waiting = [];
    return text;
  }
  return {
    push(ids) {
      waiting.push(...named(typeof ids === "number" ? [ids] : ids));
      const last = waiting.at(-1);
      if (last === undefined || decoder.unfinished?.(last)) return "";
      const unfinished = textOf([...before, ...waiting]).endsWith("\ufffd"); // perhaps a character whose bytes still come
      return unfinished ? "" : release();
    },
    end: release,
  };
}
