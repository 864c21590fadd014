/** Models by their names in `tokenizer.json`. */
import { type Fields, isObject, object, partOf, show } from "../check-json.ts";
import { type BpeOptions, bpe } from "./bpe.ts";
import { type Model, readVocab } from "./model.ts";
import { unigram } from "./unigram.ts";
import { wordLevelModel, wordPiece } from "./word-models.ts";

const kinds: { readonly [type: string]: (part: Fields) => Model } = {
  BPE(part) {
    const dropout = part.raw("dropout") ?? 0;
    if (typeof dropout !== "number" || !(dropout >= 0 && dropout <= 1))
      throw new Error(`${part.place}.dropout must be a probability or null, but is ${show(dropout)}`);
    const options: BpeOptions = {
      continuingSubwordPrefix: part.text("continuing_subword_prefix", ""),
      endOfWordSuffix: part.text("end_of_word_suffix", ""),
      fuseUnk: part.flag("fuse_unk", false),
      byteFallback: part.flag("byte_fallback", false),
      ignoreMerges: part.flag("ignore_merges", false),
      ...(dropout > 0 && { dropout }),
    };
    const unk = part.text("unk_token", "");
    return bpe(vocabOf(part), readMerges(part), unk === "" ? options : { ...options, unk }, part.place);
  },
  WordPiece: (part) =>
    wordPiece(vocabOf(part), {
      unk: part.text("unk_token", "[UNK]"),
      continuingSubwordPrefix: part.text("continuing_subword_prefix", "##"),
      maxInputCharsPerWord: part.count("max_input_chars_per_word", 100),
    }),
  WordLevel: (part) => wordLevelModel(vocabOf(part), part.text("unk_token", "<unk>")),
  Unigram(part) {
    const vocab = part.raw("vocab");
    if (!Array.isArray(vocab)) throw new Error(`${part.place}.vocab must be an array, but is ${show(vocab)}`);
    const pieces = vocab.map((entry: unknown, id): [string, number] => {
      const [token, score] = Array.isArray(entry) ? entry : [];
      if (typeof token === "string" && token.isWellFormed() && typeof score === "number") return [token, score];
      throw new Error(`${part.place}.vocab[${id}] must be a token and its score, but is ${show(entry)}`);
    });
    const unkId = (part.raw("unk_id") ?? null) === null ? undefined : part.count("unk_id");
    if (unkId !== undefined && unkId >= pieces.length)
      throw new Error(`${part.place}.unk_id is ${unkId}, but there are ${pieces.length} tokens`);
    const byteFallback = part.flag("byte_fallback", false);
    return unigram(pieces, unkId === undefined ? { byteFallback } : { byteFallback, unkId });
  },
};

/** @param part its `type` may be absent in old files, which then are recognised by what they hold. */
export function readModel(part: Fields): Model {
  if (part.raw("type") !== undefined) return partOf(part, kinds);
  const type = Array.isArray(part.raw("vocab")) ? "Unigram" : part.raw("merges") ? "BPE" : "WordPiece";
  return kinds[type]!(part);
}

const vocabOf = (part: Fields) =>
  readVocab(object(part.raw("vocab"), `${part.place}.vocab`), `${part.place}.vocab`, show);

/** Merges as pairs, or, in older files, as "a b". */
function readMerges(part: Fields): [string, string][] {
  const merges = part.raw("merges");
  if (!Array.isArray(merges)) throw new Error(`${part.place}.merges must be an array, but is ${show(merges)}`);
  return merges.map((merge: unknown, i) => {
    const [a, b, ...more] = typeof merge === "string" ? merge.split(" ") : isObject(merge) ? Object.values(merge) : [];
    if (typeof a === "string" && typeof b === "string" && more.length === 0) return [a, b];
    throw new Error(`${part.place}.merges[${i}] must be two pieces, but is ${show(merge)}`);
  });
}
