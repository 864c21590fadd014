/** Rows of text half-way: what each holds, what of it is padding, and what the model remembers of it. */
import type { CacheShape } from "../models/index.ts";
import type { Value } from "../tensor/tensor.ts";

/** One layer's keys and values of the rows so far: [rows, heads, length, headSize]. */
export interface Past {
  readonly key: Value<"float32">;
  readonly value: Value<"float32">;
}

/** Runs the model over some tokens behind what is remembered. */
export type Read = (
  feeds: Readonly<Record<"input_ids" | "position_ids" | "attention_mask", Value<"int64">>>,
  before: readonly Past[],
) => Promise<{ readonly logits: Float32Array; readonly past: readonly Past[] }>;

export interface Decoding {
  /** Of each row's next token: [rows, vocabulary]. */
  readonly logits: Float32Array;
  /** How many tokens the longest row has. */
  readonly length: number;
  /** Append one token to each row. Throws a RangeError where the model has no further position. */
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
  checkIds(prompts, vocabulary, positions);
  const longest = Math.max(...prompts.map((row) => row.length));
  const padded = (row: readonly number[]) => [...Array<number>(longest - row.length).fill(0), ...row];
  let text: Rows = prompts.map(padded);
  let real: Rows = prompts.map((row) => padded(row.map(() => 1)));
  const advance = (rows: Rows, past: readonly Past[]) =>
    read(
      { input_ids: int64(rows), position_ids: int64(places(real, rows[0]!.length)), attention_mask: int64(real) },
      past,
    );

  let state = await advance(text, nothing(cache, prompts.length));
  return {
    get logits() {
      return state.logits;
    },
    get length() {
      return text[0]!.length;
    },
    async step(tokens) {
      if (text[0]!.length >= positions)
        throw new RangeError(
          `generate: the text has ${text[0]!.length} tokens, and the model has ${positions} positions`,
        );
      text = text.map((row, i) => [...row, tokens[i]!]);
      real = real.map((row) => [...row, 1]);
      state = await advance(cache ? tokens.map((token) => [token]) : text, state.past);
    },
    reorder(rows) {
      text = rows.map((r) => text[r]!);
      real = rows.map((r) => real[r]!);
      const past = state.past.map(({ key, value }) => ({ key: chosen(key, rows), value: chosen(value, rows) }));
      state = { logits: chosenRows(state.logits, vocabulary, rows), past };
    },
  };
}

/** The last T positions of each row, counting its real tokens from 0. */
const places = (real: Rows, T: number): Rows =>
  real.map((row) => {
    let seen = -1;
    return row.map((token) => Math.max(0, token ? ++seen : seen)).slice(-T);
  });

const nothing = (cache: CacheShape | undefined, rows: number): Past[] => {
  const empty = (): Value<"float32"> => ({
    dtype: "float32",
    dims: [rows, cache!.heads, 0, cache!.headSize],
    data: new Float32Array(0),
  });
  return Array.from({ length: cache?.layers ?? 0 }, () => ({ key: empty(), value: empty() }));
};

function checkIds(rows: Rows, vocabulary: number, positions: number): void {
  if (rows.length === 0) throw new RangeError("generate: there is no prompt");
  for (const [r, row] of rows.entries()) {
    if (row.length === 0) throw new RangeError(`generate: prompt ${r} is empty; a model needs a token to go on from`);
    if (row.length > positions)
      throw new RangeError(`generate: prompt ${r} has ${row.length} tokens, and the model has ${positions} positions`);
    const at = row.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabulary));
    if (at >= 0)
      throw new RangeError(`generate: prompt ${r} has id ${row[at]} at position ${at}; ids are 0 to ${vocabulary - 1}`);
  }
}

const int64 = (rows: Rows): Value<"int64"> => ({
  dtype: "int64",
  dims: [rows.length, rows[0]!.length],
  data: BigInt64Array.from(rows.flat(), BigInt),
});

function chosenRows(data: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const into = new Float32Array(rows.length * width);
  for (const [i, r] of rows.entries()) into.set(data.subarray(r * width, (r + 1) * width), i * width);
  return into;
}

const chosen = ({ dtype, dims, data }: Value<"float32">, rows: readonly number[]): Value<"float32"> => ({
  dtype,
  dims: [rows.length, ...dims.slice(1)],
  data: chosenRows(data, data.length / dims[0]!, rows),
});
