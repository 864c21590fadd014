/** Texts that an encoder-decoder writes for texts: `predict` of the tasks that read one text and write another. */
import { type Decoder, type GenerateOptions, generateAll } from "./generate/index.ts";
import { sourceOf } from "./tasks/index.ts";
import type { Tokenizer } from "./tokenizers/index.ts";

/** What was read, and what is written for it. */
export interface WrittenText {
  readonly text: string;
  readonly output: string;
}

interface Reader {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  /** The tokenizer's own unless given. */
  readonly targetTokenizer?: Tokenizer | undefined;
}

const AT_ONCE = 64;

/** In the order of the texts, some at a time; greedy, or with `numBeams` the best of a search. */
export async function* translate(
  { decoder, tokenizer, targetTokenizer = tokenizer }: Reader,
  texts: readonly string[],
  options: GenerateOptions = {},
): AsyncGenerator<WrittenText> {
  for (let first = 0; first < texts.length; first += AT_ONCE) {
    options.signal?.throwIfAborted();
    const some = texts.slice(first, first + AT_ONCE);
    const read = some.filter((text) => text.trim() !== ""); // nothing is written for nothing
    const source = read.length > 0 && sourceOf(read, tokenizer);
    const written = source ? (await generateAll(decoder, { source }, options)).values() : [].values();
    for (const text of some) {
      const ids = text.trim() === "" ? [] : written.next().value!;
      yield { text, output: targetTokenizer.decode(ids, { skipSpecialTokens: true }) };
    }
  }
}
