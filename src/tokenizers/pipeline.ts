/**
 * A tokenizer from the content of `tokenizer.json`: text → added tokens → normalizer → pre-tokenizer → model →
 * truncation → post-processor → padding; ids → tokens → decoder → text. Ids, tokens, offsets and texts are those of
 * Hugging Face's Rust crate `tokenizers`, version 0.23. Nothing is trusted: what is not known here is refused by name.
 */
import { readAddedTokens } from "./added-tokens.ts";
import { type Fields, fields, isObject, show } from "./check-json.ts";
import { type Decoder, readDecoder } from "./decoders/read.ts";
import { decodeStreamOf } from "./decoders/stream.ts";
import { type EncodeOptions, finishing, readPadding, readTruncation } from "./finishing.ts";
import { checkDropout, type Dropout } from "./models/bpe-dropout.ts";
import type { Model } from "./models/model.ts";
import { readModel } from "./models/read.ts";
import { readNormalizer } from "./normalizers/read.ts";
import { cutter } from "./pipeline-cut.ts";
import { pipelineEncoder } from "./pipeline-encode.ts";
import { readPreTokenizer } from "./pre-tokenizers/read.ts";
import { readProcessor } from "./processors/read.ts";
import type { DecodeOptions, SpecialTokens, Tokenizer } from "./tokenizer.ts";
import type { Json, TokenizerJson } from "./tokenizer-json.ts";

/** @throws for a part, a setting or a vocabulary that cannot be, with its place in the file. */
export function pipelineTokenizer(
  json: unknown,
  rolesOf: (vocab: ReadonlyMap<string, number>) => SpecialTokens,
): Tokenizer {
  const file = fields(json, "tokenizer.json");
  const part = <T>(key: string, read: (part: Fields) => T): T | undefined =>
    (file.raw(key) ?? null) === null ? undefined : read(file.inner(key));

  const model = readModel(file.inner("model"));
  const normalizer = part("normalizer", readNormalizer);
  const addedList = (file.raw("added_tokens") ?? null) === null ? [] : file.list("added_tokens");
  const added = readAddedTokens(addedList, model.vocab);
  const ids = new Map([...model.vocab, ...added.map(({ content, id }) => [content, id] as const)]);

  const tokens: (string | undefined)[] = [];
  for (const [token, id] of model.vocab) tokens[id] = token;
  for (const { id, content, normalized } of added)
    tokens[id] = normalized && normalizer ? normalizer.apply(content, true) : content;
  const special = new Set(added.filter((token) => token.special).map(({ content }) => content));

  const stages = part("pre_tokenizer", readPreTokenizer) ?? [];
  const { encode, encodeIds } = pipelineEncoder({ normalizer, stages, model, added, tokens });
  const { finish, batch } = finishing((text, options) => encode(text.toWellFormed(), dropoutOf(model, options)), {
    processor: part("post_processor", readProcessor),
    truncation: part("truncation", readTruncation),
    padding: part("padding", readPadding),
  });

  const decoder: Decoder = part("decoder", readDecoder) ?? { decode: (list) => [list.join(" ")] };
  const named = (list: Iterable<number>, { skipSpecialTokens = false }: DecodeOptions = {}) => {
    const kept: string[] = [];
    for (const id of list) {
      const token = tokens[id];
      if (token === undefined)
        throw new RangeError(`decode: id ${id} is not in the vocabulary, whose ids are 0 … ${tokens.length - 1}`);
      if (!skipSpecialTokens || !special.has(token)) kept.push(token);
    }
    return kept;
  };

  const parts = { normalizer: file.raw("normalizer") ?? null, pre_tokenizer: file.raw("pre_tokenizer") ?? null };
  return {
    vocabSize: tokens.length,
    specialTokens: rolesOf(ids),
    encode: finish,
    encodeBatch: batch,
    encodeIds: (text) => encodeIds(text.toWellFormed()),
    decode: (list, options) => {
      const kept = named(list, options);
      return kept.length === 0 ? "" : decoder.decode(kept).join("");
    },
    decodeStream: (options) => decodeStreamOf(decoder, (list) => named(list, options)),
    idToToken: (id) => tokens[id],
    tokenToId: (token) => ids.get(token),
    cut: cutter(parts, added),
    toJson: () => copyJson(json),
  };
}

/** What the caller asks for, else what the file says. */
function dropoutOf({ dropout: rate }: Model, { dropout }: EncodeOptions): Dropout | undefined {
  if (dropout === undefined) return rate === undefined ? undefined : { rate, random: Math.random };
  if (dropout) checkDropout(dropout);
  return dropout ?? undefined;
}

/** The file's content, completed where it may be short. */
function copyJson(json: unknown): TokenizerJson {
  const none = {
    truncation: null,
    padding: null,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
  };
  if (!isObject(json)) throw new Error(`tokenizer.json must be an object, but is ${show(json)}`);
  return { version: "1.0", ...none, added_tokens: [], ...json } as Json as unknown as TokenizerJson;
}
