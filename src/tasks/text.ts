/** Text as rows of tokens: what language modelling trains on. */
import {
  collectTokens,
  countBlocks,
  evaluationBlocks,
  evaluationStreams,
  randomBlocks,
  section,
  splitTokens,
  streamBlocks,
  type TokenSource,
} from "../data/index.ts";
import { ngram } from "../ngram/index.ts";
import { encodeChunks, type TextSource, type Tokenizer } from "../tokenizers/index.ts";
import { coverage } from "./coverage.ts";
import type { Counted, DataOptions, Dataset } from "./task.ts";

export interface TextData {
  /** A text, or pieces of one too large to hold: `readText(["a.txt", "b.txt"])`. */
  readonly train: TextSource;
  /** Held out: another text, or which part of `train` from its end (default 0.1); 0: nothing; 1: all of it. */
  readonly validation?: TextSource | number;
  /** The least loss that any model can have on the validation part, in nats a token, where it is known. */
  readonly floor?: number;
}

interface TextOptions {
  readonly blockSize: number;
  readonly carryState?: boolean;
}

/** A text's tokens, and which of them are for training and which are held out; `characters` of the text that is held out. */
export interface TextTokens {
  readonly all: TokenSource;
  readonly train: TokenSource | undefined;
  readonly held: TokenSource | undefined;
  readonly tokensPerCharacter: number;
  /** Of a vocabulary that knows little of it. */
  readonly warnings: readonly string[];
  close(): void;
}

export async function openTokens(
  { train: text, validation = 0.1 }: TextData,
  tokenizer: Tokenizer,
  { blockSize }: { readonly blockSize: number },
): Promise<TextTokens> {
  let characters = 0; // of the text that is collected last: what is held out, or what that is a part of
  const counted = async function* (source: TextSource) {
    characters = 0;
    for await (const chunk of typeof source === "string" ? [source] : source) {
      for (let i = 0; i < chunk.length; i++) characters += Number((chunk.charCodeAt(i) & 0xfc00) !== 0xdc00);
      yield chunk;
    }
  };
  const warnings: string[] = [];
  const collect = async (name: string, source: TextSource) => {
    const seen = coverage(tokenizer);
    const encoded = async function* () {
      for await (const ids of encodeChunks(tokenizer, counted(source))) {
        seen.add(ids);
        yield ids;
      }
    };
    const tokens = await collectTokens(encoded(), { vocabSize: tokenizer.vocabSize });
    warnings.push(...seen.warnings(name));
    return tokens;
  };
  const all = await collect(validation === 1 ? "validation" : "train", text);
  const apart = typeof validation === "number" ? undefined : await collect("validation", validation);
  const split =
    typeof validation === "number" && validation > 0 && validation < 1
      ? splitTokens(all, { fraction: validation, blockSize })
      : undefined;
  return {
    all,
    train: validation === 1 ? undefined : (split?.train ?? all),
    held: split?.validation ?? apart ?? (validation === 1 ? all : undefined),
    tokensPerCharacter: (apart ?? all).length / characters,
    warnings,
    close() {
      all.close();
      apart?.close();
    },
  };
}

/** Throws for text that is too short for a block, with both numbers. */
export async function openText(
  data: TextData,
  tokenizer: Tokenizer,
  { batchSize, seed, evalBatches = 0, blockSize, carryState = false }: DataOptions & TextOptions,
): Promise<Dataset> {
  const {
    all,
    train = all,
    held,
    tokensPerCharacter,
    warnings,
    close,
  } = await openTokens(data, tokenizer, {
    blockSize,
  });
  if (data.validation !== 1) checkLength("train", train, blockSize);
  if (held) checkLength("validation", held, blockSize);
  const size = { blockSize, batchSize };
  const blocks = carryState ? streamBlocks(train, size) : randomBlocks(train, { ...size, seed });
  return {
    trainExamples: countBlocks(train, blockSize),
    tokensPerBatch: batchSize * blockSize,
    rows: batchSize,
    tokensPerCharacter,
    warnings,
    batches: (step, count) => Array.from({ length: count }, (_, i) => ({ ...blocks((step - 1) * count + i + 1) })),
    ...(held && { validation: () => (carryState ? first : spread)(held, size, evalBatches) }),
    ...(held && data.validation !== 1 && { baselines: () => ngramBaseline(train, held, tokenizer.vocabSize) }),
    ...(data.floor !== undefined && { floor: data.floor }),
    close,
  };
}

const ORDER = 5;
const MOST = { train: 4_000_000, held: 500_000 }; // tokens: some seconds, and some hundred megabytes

/** From the end of the training part, which is nearest to what is held out, where that is long. */
function ngramBaseline(train: TokenSource, held: TokenSource, vocabulary: number): Readonly<Record<string, number>> {
  const counted = section(train, Math.max(0, train.length - MOST.train), train.length);
  const model = ngram(counted, { order: ORDER, vocabulary });
  return { [`${ORDER}-gram (Kneser-Ney)`]: model.loss(section(held, 0, Math.min(held.length, MOST.held))) };
}

export function checkLength(name: string, { length }: TokenSource, blockSize: number): void {
  if (length < blockSize + 1)
    throw new RangeError(
      `${name}: the text has ${length} tokens, but a block of ${blockSize} and the token after it need ${blockSize + 1}; use more text or a smaller block size`,
    );
}

/** All of the part, or `most` batches spread evenly over it. */
function* spread(
  source: TokenSource,
  size: { blockSize: number; batchSize: number },
  most: number,
): Generator<Counted> {
  const batches = Math.ceil(countBlocks(source, size.blockSize) / size.batchSize);
  const stride = most > 0 ? Math.max(1, Math.floor(batches / most)) : 1;
  let [index, given] = [0, 0];
  for (const { batch, count } of evaluationBlocks(source, size))
    if (index++ % stride === 0 && (most === 0 || given++ < most)) yield { batch: { ...batch }, count };
}

/** All of the part read on from batch to batch, or its first `most` batches: a state cannot leap. */
function* first(source: TokenSource, size: { blockSize: number; batchSize: number }, most: number): Generator<Counted> {
  let given = 0;
  for (const { batch, count } of evaluationStreams(source, size))
    if (most === 0 || given++ < most) yield { batch: { ...batch }, count };
    else return;
}
