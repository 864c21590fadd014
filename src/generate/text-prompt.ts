/** A text as what a model goes on from. */

/** What is asked of a tokenizer. */
export interface TextTokenizer {
  encode(text: string): { readonly ids: readonly number[] };
  /** `push` gives the text that no later id can change, `end` what is left. */
  decodeStream(options: { skipSpecialTokens: boolean }): { push(id: number): string; end(): string };
}

/**
 * An empty prompt stands for `bos`, or where there is none for a newline. Throws where there is neither, and as the
 * tokenizer does for text that it cannot say.
 */
export function promptIds(tokenizer: TextTokenizer, prompt: string, bos: number | null): readonly number[] {
  const { ids } = tokenizer.encode(prompt);
  if (ids.length > 0) return ids;
  if (bos !== null) return [bos];
  const newline = newlineIds(tokenizer);
  if (newline.length > 0) return newline;
  throw new Error(
    "generate: the prompt is empty, and there is neither a bosTokenId nor a newline in the vocabulary to begin with; give a prompt",
  );
}

/** Decodes what comes after a prompt: where words are joined by spaces, its first word has one too. */
export function behind(tokenizer: TextTokenizer, prompt: readonly number[]) {
  const decode = tokenizer.decodeStream({ skipSpecialTokens: true });
  for (const id of prompt) decode.push(id);
  return decode;
}

/** None where the tokenizer cannot say a newline. */
function newlineIds(tokenizer: TextTokenizer): readonly number[] {
  try {
    return tokenizer.encode("\n").ids;
  } catch {
    return [];
  }
}
