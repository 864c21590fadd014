/** Text as rows with hidden tokens: blocks from anywhere to train on, the held-out part in order. */
import { type Masking, maskRow, type TokenSource } from "../data/index.ts";
import { below, keyOf } from "../random.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import type { Batch, Counted, DataOptions, Dataset } from "./task.ts";
import { checkLength, openTokens, type TextData } from "./text.ts";

interface MaskedTextOptions extends DataOptions {
  readonly blockSize: number;
  readonly nextSentence: boolean;
  readonly masking: Masking;
}

interface Row {
  readonly ids: readonly number[];
  readonly labels: readonly number[];
  readonly types: readonly number[];
  /** 0 where the second text follows the first. */
  readonly next: number;
}

/** Throws for text that is too short for a row, with both numbers, and for pairs without tokens to part them. */
export async function openMaskedText(
  data: TextData,
  tokenizer: Tokenizer,
  { batchSize, seed, evalBatches = 0, blockSize, nextSentence, masking }: MaskedTextOptions,
): Promise<Dataset> {
  const { cls, sep } = ends(tokenizer);
  if (nextSentence && (cls === undefined || sep === undefined))
    throw new TypeError("masked-language-modeling: pairs of texts need a tokenizer with a [CLS] and a [SEP] token");
  const special = (cls === undefined ? 0 : 1) + (sep === undefined ? 0 : nextSentence ? 2 : 1);
  const size = blockSize - special; // tokens of the text in a row
  const { train, held, all, warnings, close } = await openTokens(data, tokenizer, { blockSize: size });
  if (train) checkLength("train", train, size);
  if (held) checkLength("validation", held, size);

  /** A row of the tokens at `begin`; of a pair, the second half is from elsewhere in half of the rows. */
  const rowOf = (source: TokenSource, begin: number, key: number): Row => {
    const masked = (from: number, to: number, part: string) =>
      maskRow(source.slice(from, to), masking, keyOf(key, part));
    const around = (mark: number | undefined, label: number) => (mark === undefined ? [] : [label]);
    const [first, last] = [cls === undefined ? [] : [cls], sep === undefined ? [] : [sep]];
    if (!nextSentence) {
      const { ids, labels } = masked(begin, begin + size, "row");
      const all = [...first, ...ids, ...last];
      return {
        ids: all,
        labels: [...around(cls, -100), ...labels, ...around(sep, -100)],
        types: all.map(() => 0),
        next: 0,
      };
    }
    const half = Math.floor(size / 2);
    const next = below(2, keyOf(key, "next"), 0);
    const second = next === 0 ? begin + half : below(source.length - (size - half), keyOf(key, "elsewhere"), 0);
    const [a, b] = [masked(begin, begin + half, "first"), masked(second, second + size - half, "second")];
    return {
      ids: [cls!, ...a.ids, sep!, ...b.ids, sep!],
      labels: [-100, ...a.labels, -100, ...b.labels, -100],
      types: [...Array(half + 2).fill(0), ...Array(size - half + 1).fill(1)],
      next,
    };
  };
  const batchOf = (rows: readonly Row[]): Batch => {
    const ids = (of: (row: Row) => readonly number[]) => {
      const data = BigInt64Array.from(rows.flatMap(of), BigInt);
      return { dtype: "int64", dims: [rows.length, blockSize], data } as const;
    };
    const next = BigInt64Array.from(rows, (row) => BigInt(row.next));
    return {
      input_ids: ids((row) => row.ids),
      labels: ids((row) => row.labels),
      ...(nextSentence && {
        token_type_ids: ids((row) => row.types),
        next_sentence_label: { dtype: "int64", dims: [rows.length], data: next },
      }),
    };
  };
  const update = (source: TokenSource, index: number): Batch => {
    const key = keyOf(seed, "masked blocks", index);
    const places = source.length - size + 1;
    return batchOf(
      Array.from({ length: batchSize }, (_, row) => rowOf(source, below(places, key, row), keyOf(key, row))),
    );
  };
  function* evaluation(source: TokenSource): Generator<Counted> {
    const blocks = Math.floor(source.length / size);
    const batches = Math.ceil(blocks / batchSize);
    const stride = evalBatches > 0 ? Math.max(1, Math.floor(batches / evalBatches)) : 1;
    for (let i = 0, given = 0; i < batches && (evalBatches === 0 || given < evalBatches); i += stride, given++) {
      const here = Math.min(batchSize, blocks - i * batchSize);
      const rows = Array.from({ length: here }, (_, row) => {
        const block = i * batchSize + row;
        return rowOf(source, block * size, keyOf(0, "held-out blocks", block));
      });
      const count = rows.reduce((n, { labels }) => n + labels.filter((label) => label >= 0).length, 0);
      yield { batch: batchOf(rows), count };
    }
  }
  return {
    trainExamples: Math.floor((train ?? all).length / size),
    tokensPerBatch: batchSize * blockSize,
    rows: batchSize,
    batches: (step, count) => Array.from({ length: count }, (_, i) => update(train ?? all, (step - 1) * count + i + 1)),
    ...(held && { validation: () => evaluation(held) }),
    warnings,
    close,
  };
}

/** What stands before and behind a text: the ids of [CLS] and [SEP], or of <s> and </s>. */
export function ends({ specialTokens, tokenToId }: Tokenizer) {
  const of = (token: string | undefined) => (token === undefined ? undefined : tokenToId(token));
  return { cls: of(specialTokens.cls ?? specialTokens.bos), sep: of(specialTokens.sep ?? specialTokens.eos) };
}
