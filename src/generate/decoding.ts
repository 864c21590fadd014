/** Rows of text half-way: what each holds, what of it is padding, and what the model remembers of it. */
import type { Cache, InputSpec } from "../models/index.ts";
import type { Value } from "../tensor/dtype.ts";
import { TAP } from "./decoder-plan.ts";
import { openMemory, type Values } from "./memory.ts";
import { joinRows, pickRows } from "./rows.ts";
import { byReach } from "./slots.ts";

export interface Decoding {
  /** Of each row's next token: [rows, vocabulary]. */
  readonly logits: Float32Array;
  /** How many tokens the longest row has. */
  readonly length: number;
  /** What the decoder was asked to give of the last step, by name and number: "cross_attentions.0" [rows, …]. */
  readonly taps: Values;
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
  readonly cache: Cache;
  readonly source: Readonly<Record<string, InputSpec>> | undefined;
  /** What the model takes. */
  readonly reads: ReadonlySet<string>;
  readonly encode: ((given: Values) => Promise<Values>) | undefined;
  readonly step: (given: Values) => Promise<Values>;
}

type Rows = readonly (readonly number[])[];

export async function begin(prompts: Rows, source: Values | undefined, reader: Reader): Promise<Decoding> {
  const { vocabulary, positions, cache, encode, reads } = reader;
  checkPrompts(prompts, vocabulary, positions);
  checkSource(prompts.length, source, reader.source);
  const remembers = Object.keys(cache).length > 0;
  const reaches = [...byReach(cache).keys()];
  const grows = reaches.length > 0;
  const reach = Math.max(0, ...reaches);
  const of = reader.source ? "decoder_" : "";
  const masked = reads.has(`${of}attention_mask`);
  const longest = Math.max(...prompts.map((row) => row.length));
  let padding = prompts.map((row) => longest - row.length);
  const padded = padding.some((width) => width > 0);
  if (!masked && padded && (grows || reader.source)) throw new RangeError(unequal(prompts));

  let text: Rows = prompts.map((row, r) => [...Array<number>(padding[r]!).fill(0), ...row]);
  const memory = openMemory(cache, prompts.length, source, await encode?.(source!));

  /** The last `T` tokens of row `r`, or of all rows. */
  const textFeeds = (T: number, only?: number): Values => {
    const length = text[0]!.length;
    const chosen = only === undefined ? [...text.keys()] : [only];
    const each = (width: number, value: (row: number, at: number) => number): Value<"int64"> => {
      const data = chosen.flatMap((r) => Array.from({ length: width }, (_, i) => BigInt(value(r, length - width + i))));
      return { dtype: "int64", dims: [chosen.length, width], data: BigInt64Array.from(data) };
    };
    return {
      [`${of}input_ids`]: each(T, (r, at) => text[r]![at]!),
      [`${of}position_ids`]: each(T, (r, at) => Math.max(0, at - padding[r]!)),
      [`${of}attention_mask`]: each(Math.min(length, reach + T), (r, at) => Number(at >= padding[r]!)),
    };
  };
  /** Rows of different lengths, each alone: for a model that takes no mask. */
  const readAlone = async (): Promise<Values> => {
    const left: Values[] = [];
    for (const [r, { length }] of text.entries())
      left.push(await reader.step({ ...textFeeds(length - padding[r]!, r), ...openMemory(cache, 1).feeds() }));
    const names = Object.keys(left[0]!).filter((name) => !name.startsWith(TAP)); // taps of different lengths do not join
    const axis = (name: string) => cache[name.replace("fresh.", "")]?.shape.indexOf("batch") ?? 0;
    return Object.fromEntries(
      names.map((name) => [
        name,
        joinRows(
          left.map((row) => row[name]!),
          axis(name),
        ),
      ]),
    );
  };
  /** The logits behind the text, whose last `T` tokens are new to the model. */
  const advance = async (T: number) => {
    const alone = !masked && T > 1 && padding.some((width) => width > 0);
    const left = alone ? await readAlone() : await reader.step({ ...textFeeds(T), ...memory.feeds() });
    memory.take(left);
    const taps = Object.entries(left).flatMap(([name, value]) =>
      name.startsWith(TAP) ? [[name.slice(TAP.length), value] as const] : [],
    );
    return { logits: { ...left["logits"]!, dims: [text.length, vocabulary] }, taps };
  };

  let last = await advance(longest);
  return {
    get logits() {
      return last.logits.data as Float32Array;
    },
    get taps() {
      return Object.fromEntries(last.taps);
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
      last = await advance(remembers ? 1 : length + 1);
    },
    reorder(rows) {
      const wrong = rows.find((r) => !(r in text));
      if (wrong !== undefined || rows.length === 0)
        throw new RangeError(`generate: cannot keep rows ${rows.join(", ")} of ${text.length}`);
      text = rows.map((r) => text[r]!);
      padding = rows.map((r) => padding[r]!);
      last = {
        logits: pickRows(last.logits, 0, rows),
        taps: last.taps.map(([name, value]) => [name, pickRows(value, 0, rows)] as const),
      };
      memory.reorder(rows);
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

const unequal = (prompts: Rows): string =>
  `generate: prompts have ${[...new Set(prompts.map(({ length }) => length))].join(", ")} tokens, and this model takes no mask to tell padding from text; give prompts of one length, or one at a time`;

function checkSource(rows: number, source: Values = {}, wanted: Readonly<Record<string, InputSpec>> = {}): void {
  for (const name of Object.keys(source))
    if (!Object.hasOwn(wanted, name))
      throw new TypeError(
        `generate: there is no source input "${name}"; ${Object.keys(wanted).join(", ") || "none"} of it is read`,
      );
  for (const name of Object.keys(wanted)) {
    const value = source[name];
    if (!value) throw new TypeError(`generate: this model reads a source first, and its ${name} is missing`);
    if (value.dims[0] !== rows)
      throw new TypeError(
        `generate: ${rows} rows of tokens for ${value.dims[0]} rows of ${name}: ${rows} ≠ ${value.dims[0]}`,
      );
  }
}
