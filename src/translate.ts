/** Texts that an encoder-decoder writes for texts: `predict` of the tasks that read one text and write another. */
import { beamSearch, type Decoder, type GenerateOptions, generateAll } from "./generate/index.ts";
import { sourceOf } from "./tasks/index.ts";
import type { Tokenizer } from "./tokenizers/index.ts";

/** What was read, and what is written for it. */
export interface WrittenText {
  readonly text: string;
  readonly output: string;
  /** With `numReturnSequences`: all that were found or drawn, best first, and a search's scores; `output` is the first. */
  readonly outputs?: readonly { readonly text: string; readonly score?: number }[];
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
    const written = (source ? await write(decoder, source, options) : []).values();
    for (const text of some) {
      const found = text.trim() === "" ? [{ tokens: [] }] : written.next().value!;
      const outputs = found.map(({ tokens, ...score }) => ({
        text: targetTokenizer.decode(tokens, { skipSpecialTokens: true }),
        ...score,
      }));
      yield { text, output: outputs[0]?.text ?? "", ...(options.numReturnSequences !== undefined && { outputs }) };
    }
  }
}

interface Written {
  readonly tokens: readonly number[];
  readonly score?: number;
}

/** For each text as many as are asked for. */
async function write(
  decoder: Decoder,
  source: ReturnType<typeof sourceOf>,
  options: GenerateOptions,
): Promise<readonly (readonly Written[])[]> {
  const n = options.numReturnSequences ?? 1;
  if ((options.numBeams ?? 1) > 1) return beamSearch(decoder, { source }, options);
  const rows = await generateAll(decoder, { source }, options);
  return Array.from({ length: rows.length / n }, (_, i) =>
    rows.slice(i * n, (i + 1) * n).map((tokens) => ({ tokens })),
  );
}
