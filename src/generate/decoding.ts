/** Rows of text half-way: what each holds, what of it is padding, and what the model remembers of it. */
import type { CacheShape } from "../models/index.ts";
import type { Value } from "../tensor/tensor.ts";
import { memory } from "./memory.ts";

/** Runs the model over some tokens behind what is remembered; gives back what there is to remember of them. */
export type Read = (
  feeds: Readonly<Record<"input_ids" | "position_ids" | "attention_mask", Value<"int64">>>,
  past: readonly Value<"float32">[],
) => Promise<{ readonly logits: Float32Array; readonly fresh: readonly Value<"float32">[] }>;

export interface Decoding {
  /** Of each row's next token: [rows, vocabulary]. */
  readonly logits: Float32Array;
  /** How many tokens the longest row has. */
  readonly length: number;
  /**
   * Append one token to each row. Throws a RangeError where the model has no further position, for an id outside the
   * vocabulary, and where there are not as many tokens as rows.
   */
  step(tokens: readonly number[]): Promise<void>;
  /** Keep these rows, in this order, some perhaps twice: what a beam search needs. */
  reorder(rows: readonly number[]): void;
}

interface Reader {
  readonly vocabulary: number;
  readonly positions: number;
  readonly read: Read;
  /** Undefined: nothing is remembered, and each step reads the whole text. */
  readonly cache: CacheShape | undefined;
}

type Rows = readonly (readonly number[])[];

export async function begin(prompts: Rows, { vocabulary, positions, read, cache }: Reader): Promise<Decoding> {
  checkPrompts(prompts, vocabulary, positions);
  const longest = Math.max(...prompts.map((row) => row.length));
  let padding = prompts.map((row) => longest - row.length);
  let text: Rows = prompts.map((row, r) => [...Array<number>(padding[r]!).fill(0), ...row]);
  const remembered = cache && memory(prompts.length, cache);
  /** The logits behind the text, whose last `T` tokens are new to the model. */
  const advance = async (T: number): Promise<Float32Array> => {
    const length = text[0]!.length;
    const each = (from: number, value: (row: number, at: number) => number): Value<"int64"> => {
      const data = text.flatMap((_, r) => Array.from({ length: length - from }, (_, i) => BigInt(value(r, from + i))));
      return { dtype: "int64", dims: [text.length, length - from], data: BigInt64Array.from(data) };
    };
    const feeds = {
      input_ids: each(length - T, (r, at) => text[r]![at]!),
      position_ids: each(length - T, (r, at) => Math.max(0, at - padding[r]!)),
      attention_mask: each(0, (r, at) => Number(at >= padding[r]!)),
    };
    const { logits, fresh } = await read(feeds, remembered?.past() ?? []);
    remembered?.append(fresh);
    return logits;
  };

  let logits = await advance(longest);
  return {
    get logits() {
      return logits;
    },
    get length() {
      return text[0]!.length;
    },
    async step(tokens) {
      const length = text[0]!.length;
      if (length >= positions)
        throw new RangeError(`generate: the text has ${length} tokens, and the model has ${positions} positions`);
      if (tokens.length !== text.length)
        throw new RangeError(`generate: ${tokens.length} tokens for ${text.length} rows: there must be one for each`);
      for (const [r, token] of tokens.entries()) checkId(token, vocabulary, `row ${r} is given`);
      text = text.map((row, r) => [...row, tokens[r]!]);
      logits = await advance(remembered ? 1 : length + 1);
    },
    reorder(rows) {
      const wrong = rows.find((r) => !(r in text));
      if (wrong !== undefined || rows.length === 0)
        throw new RangeError(`generate: cannot keep rows ${rows.join(", ")} of ${text.length}`);
      text = rows.map((r) => text[r]!);
      padding = rows.map((r) => padding[r]!);
      const kept = new Float32Array(rows.length * vocabulary);
      for (const [i, r] of rows.entries())
        kept.set(logits.subarray(r * vocabulary, (r + 1) * vocabulary), i * vocabulary);
      logits = kept;
      remembered?.reorder(rows);
    },
  };
}

function checkPrompts(prompts: Rows, vocabulary: number, positions: number): void {
  if (prompts.length === 0) throw new RangeError("generate: there is no prompt");
  for (const [r, row] of prompts.entries()) {
    if (row.length === 0) throw new RangeError(`generate: prompt ${r} is empty; a model needs a token to go on from`);
    if (row.length > positions)
      throw new RangeError(`generate: prompt ${r} has ${row.length} tokens, and the model has ${positions} positions`);
    for (const [at, id] of row.entries()) checkId(id, vocabulary, `position ${at} of prompt ${r} is`);
  }
}

function checkId(id: number, vocabulary: number, where: string): void {
  if (!(Number.isInteger(id) && id >= 0 && id < vocabulary))
    throw new RangeError(`generate: ${where} id ${id}; ids are 0 to ${vocabulary - 1}`);
}
