/** Which tokens go on with the word before them, by how a vocabulary writes it. */
import type { Tokenizer } from "../tokenizers/index.ts";

/**
 * WordPiece marks what goes on ("##ing"), byte-level and SentencePiece vocabularies what begins ("Ġthe", "▁the"). Without
 * such marks, as of characters, letters and digits go on with letters and digits.
 */
export function continuationOf({ vocabSize, idToToken }: Tokenizer): (id: number, before: number) => boolean {
  const tokens = Array.from({ length: vocabSize }, (_, id) => idToToken(id) ?? "");
  if (tokens.some((token) => token.startsWith("##"))) return (id) => tokens[id]!.startsWith("##");
  const isLetter = (token: string | undefined) => /^[\p{L}\p{N}\p{M}]+$/u.test(token ?? "");
  if (tokens.some((token) => /^[Ġ▁]./u.test(token)))
    return (id, before) =>
      !/^[ĠĊ▁]/u.test(tokens[id]!) && isLetter(tokens[id]) && /[\p{L}\p{N}\p{M}]$/u.test(tokens[before]!);
  return (id, before) => isLetter(tokens[id]) && isLetter(tokens[before]);
}
