/** JSON files in Node: bounded, UTF-8, checked by {@link parseJson}. */
import { readBytes } from "./file.ts";
import { type Json, type JsonLimits, parseJson } from "./json.ts";

/**
 * Reads a JSON file.
 * @param options.maxBytes the longest file to read, in bytes; a larger one is refused unread; the others are {@link parseJson}'s
 * @throws when the file cannot be read, is too long, not UTF-8, or not JSON; the message starts with the path
 */
export function readJson(
  path: string,
  { maxBytes = 2 ** 26, ...limits }: { maxBytes?: number } & JsonLimits = {},
): Json {
  const bytes = readBytes(path, maxBytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${path}: is not UTF-8 text`, { cause });
  }
  return parseJson(text, path, limits);
}
