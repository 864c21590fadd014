/** Text that comes in chunks, cut anywhere: through a word, a special token, or the two halves of an emoji. */
import type { Tokenizer } from "./tokenizer.ts";

/** A text, or chunks of one that together are too large to hold. */
export type TextSource = string | Iterable<string> | AsyncIterable<string>;

/** The same chunks; before each the signal is asked, after each `onProgress` is told how many characters have been read. */
export async function* watched(
  source: TextSource,
  { onProgress, signal }: { onProgress?: ((characters: number) => void) | undefined; signal?: AbortSignal | undefined },
): AsyncGenerator<string> {
  let read = 0;
  for await (const chunk of typeof source === "string" ? [source] : source) {
    signal?.throwIfAborted();
    yield chunk;
    read += chunk.length;
    onProgress?.(read);
  }
}

/** The same text in pieces that `cut` allows; what it holds back is put before the next chunk. */
export async function* recut(source: TextSource, cut: Tokenizer["cut"]): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of typeof source === "string" ? [source] : source) {
    const [head, tail] = cut(rest + chunk);
    rest = tail;
    if (head !== "") yield head;
  }
  if (rest !== "") yield rest;
}

/** Everything but half a surrogate pair at the end. */
export function cutCharacters(text: string): [head: string, rest: string] {
  const last = text.charCodeAt(text.length - 1);
  const end = last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length;
  return [text.slice(0, end), text.slice(end)];
}

/** The ids of a text of any size, a few at a time: joined, they are `tokenizer.encodeIds` of the joined chunks. */
export async function* encodeChunks(tokenizer: Tokenizer, source: TextSource): AsyncGenerator<Int32Array> {
  for await (const text of recut(source, tokenizer.cut)) yield tokenizer.encodeIds(text);
}
