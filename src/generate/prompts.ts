/** What texts go on from: rows of ids, and for an encoder-decoder the source that it reads before them. */
import type { GenerationConfig } from "./generation-config.ts";
import type { Values } from "./memory.ts";

export type Rows = readonly (readonly number[])[];

/** An encoder-decoder's inputs, by name; `rows` is what each text begins with, `decoderStartTokenId` unless given. */
export interface Source {
  readonly source: Values;
  readonly rows?: Rows;
}

export interface Prompts {
  readonly rows: Rows;
  readonly source: Values | undefined;
}

/** Throws a TypeError for a source without anything to begin its texts with. */
export function promptsOf(given: Rows | Source, { decoderStartTokenId, bosTokenId }: GenerationConfig): Prompts {
  if (!("source" in given)) return { rows: given, source: undefined };
  const { source, rows } = given;
  if (rows) return { rows, source };
  const start = decoderStartTokenId ?? bosTokenId;
  if (start === null)
    throw new TypeError("generate: there is no decoderStartTokenId for texts to begin with; give it, or rows of ids");
  const count = Object.values(source)[0]?.dims[0] ?? 0;
  return { source, rows: Array.from({ length: count }, () => [start]) };
}
