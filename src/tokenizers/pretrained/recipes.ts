/**
 * What the classes of Hugging Face's transformers (5.23) make of their older vocabulary files: the pipeline that no file
 * spells out, the names of special tokens, and where those stand. One entry a class.
 */

import type { Role } from "../tokenizer.ts";
import type { Json } from "../tokenizer-json.ts";
import { charsmapOf, mergesOf } from "./sentencepiece.ts";
import type { SentencePieceModel } from "./sentencepiece-file.ts";

/** What the files of a folder hold. */
export interface Vocabulary {
  /** `vocab.txt` or `vocab.json`: ids by token. */
  readonly vocab?: { readonly [token: string]: number };
  readonly merges?: readonly (readonly [string, string])[];
  readonly sentencePiece?: SentencePieceModel;
}

/** The parts of `tokenizer.json` that a class decides. */
export interface Recipe {
  /** Which files it reads. */
  readonly reads: "vocab.txt" | "vocab.json" | "SentencePiece";
  readonly roles: { readonly [role in Role]?: string };
  build(files: Required<Vocabulary>, settings: Settings): Built;
}

export interface Settings {
  /** `tokenizer_config.json`. */
  flag(name: string, absent: boolean): boolean;
  readonly roles: { readonly [role in Role]?: string };
}

export interface Built {
  readonly normalizer: Json;
  readonly pre_tokenizer: Json;
  readonly decoder: Json;
  readonly model: Json;
  /** Special tokens beside those with a part. */
  readonly extra?: readonly string[];
  /** Special tokens that take the space before them along. */
  readonly lstrip?: readonly string[];
  /** Texts and special tokens: `$A`, `$B:1`, `[CLS]`; absent: what `add_bos_token` and `add_eos_token` say. */
  readonly template?: { readonly single: string; readonly pair: string };
  readonly post_processor?: (idOf: (token: string) => number) => Json;
}

const replace = (text: string, content: string) => ({ type: "Replace", pattern: { String: text }, content });
const sequence = (normalizers: readonly Json[]): Json => ({ type: "Sequence", normalizers });
const scored = ({ pieces }: SentencePieceModel) => pieces.map(({ piece, score }): [string, number] => [piece, score]);
const unigram = (vocab: readonly (readonly [string, number])[], unk_id: number) => ({
  ...{ type: "Unigram", unk_id, vocab, byte_fallback: false },
});

const metaspace = (prepend_scheme: "always" | "first" | "never", split = true) => ({
  ...{ type: "Metaspace", replacement: "▁", prepend_scheme, split },
});
/** Cut at white space, each word begun with ▁. */
const words = (scheme: "always" | "never") => ({
  pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace(scheme)] },
  decoder: metaspace(scheme),
});

const bert: Recipe = {
  reads: "vocab.txt",
  roles: { unk: "[UNK]", sep: "[SEP]", pad: "[PAD]", cls: "[CLS]", mask: "[MASK]" },
  build({ vocab }, { flag, roles: { unk, sep, cls } }) {
    const lowercase = flag("do_lower_case", true);
    return {
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: flag("tokenize_chinese_chars", true),
        strip_accents: flag("strip_accents", lowercase),
        lowercase,
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        ...{ type: "WordPiece", unk_token: unk!, continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
        vocab,
      },
      template: { single: `${cls} $A ${sep}`, pair: `${cls} $A ${sep} $B:1 ${sep}:1` },
    };
  },
};

const bytePair = ({ vocab, merges }: Required<Vocabulary>, addPrefixSpace: boolean) => {
  const byteLevel = { type: "ByteLevel", add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true };
  return {
    ...{ normalizer: null, pre_tokenizer: byteLevel, decoder: byteLevel },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      fuse_unk: false,
      vocab,
      merges: merges.map((pair) => [...pair]),
    },
  };
};

const gpt2: Recipe = {
  reads: "vocab.json",
  roles: { bos: "<|endoftext|>", eos: "<|endoftext|>", unk: "<|endoftext|>" },
  build: (files, { flag }) => bytePair(files, flag("add_prefix_space", false)),
};

const roberta: Recipe = {
  reads: "vocab.json",
  roles: { bos: "<s>", eos: "</s>", unk: "<unk>", sep: "</s>", pad: "<pad>", cls: "<s>", mask: "<mask>" },
  build(files, { flag, roles }) {
    const [sep, cls] = [roles.sep!, roles.cls!];
    const settings = { add_prefix_space: flag("add_prefix_space", false), trim_offsets: flag("trim_offsets", true) };
    return {
      ...bytePair(files, settings.add_prefix_space),
      post_processor: (idOf) => ({
        ...{ type: "RobertaProcessing", ...settings, sep: [sep, idOf(sep)], cls: [cls, idOf(cls)] },
      }),
    };
  },
};

const llama: Recipe = {
  reads: "SentencePiece",
  roles: { bos: "<s>", eos: "</s>", unk: "<unk>" },
  build({ sentencePiece: { pieces } }, { flag }) {
    const prefix = flag("add_prefix_space", true);
    const tokens = pieces.map(({ piece }) => piece);
    return {
      normalizer: null,
      pre_tokenizer: metaspace(prefix ? (flag("legacy", false) ? "always" : "first") : "never", false),
      decoder: {
        type: "Sequence",
        decoders: [
          ...[replace("▁", " "), { type: "ByteFallback" }, { type: "Fuse" }],
          ...(prefix ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
        ],
      },
      model: {
        ...{ type: "BPE", dropout: null, unk_token: null, fuse_unk: true, byte_fallback: true },
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: mergesOf(tokens),
      },
    };
  },
};

const t5: Recipe = {
  reads: "SentencePiece",
  roles: { eos: "</s>", unk: "<unk>", pad: "<pad>" },
  build({ sentencePiece }) {
    const extra = Array.from({ length: 100 }, (_, i) => `<extra_id_${99 - i}>`);
    return {
      ...words("always"),
      normalizer: charsmapOf(sentencePiece)[0] ?? null,
      model: unigram([...scored(sentencePiece), ...extra.map((token) => [token, 0] as const)], sentencePiece.unkId),
      extra: extra.toReversed(),
      template: { single: "$A </s>", pair: "$A </s> $B </s>" },
    };
  },
};

/** Quotes as one character each, accents off; then the model's own table. */
const unquoted = (sentencePiece: SentencePieceModel, keepAccents: boolean, lowercase: boolean) =>
  sequence([
    ...[replace("``", '"'), replace("''", '"')],
    ...(keepAccents ? [] : [{ type: "NFKD" }, { type: "StripAccents" }]),
    ...(lowercase ? [{ type: "Lowercase" }] : []),
    ...charsmapOf(sentencePiece),
  ]);

const albert: Recipe = {
  reads: "SentencePiece",
  roles: { bos: "[CLS]", eos: "[SEP]", unk: "<unk>", sep: "[SEP]", pad: "<pad>", cls: "[CLS]", mask: "[MASK]" },
  build: ({ sentencePiece }, { flag }) => ({
    ...words(flag("add_prefix_space", true) ? "always" : "never"),
    normalizer: unquoted(sentencePiece, flag("keep_accents", false), flag("do_lower_case", true)),
    model: unigram(scored(sentencePiece), sentencePiece.unkId),
    template: { single: "[CLS] $A [SEP]", pair: "[CLS] $A [SEP] $B:1 [SEP]:1" },
  }),
};

const xlnet: Recipe = {
  reads: "SentencePiece",
  roles: { bos: "<s>", eos: "</s>", unk: "<unk>", sep: "<sep>", pad: "<pad>", cls: "<cls>", mask: "<mask>" },
  build: ({ sentencePiece }, { flag, roles: { sep, cls, mask } }) => ({
    ...words("always"),
    normalizer: unquoted(sentencePiece, false, flag("do_lower_case", false)),
    model: unigram(scored(sentencePiece), sentencePiece.unkId),
    extra: ["<eop>", "<eod>"],
    lstrip: [mask!],
    template: { single: `$A ${sep} ${cls}:2`, pair: `$A ${sep} $B:1 ${sep}:1 ${cls}:2` },
  }),
};

const xlmRoberta: Recipe = {
  reads: "SentencePiece",
  roles: { bos: "<s>", eos: "</s>", unk: "<unk>", sep: "</s>", pad: "<pad>", cls: "<s>", mask: "<mask>" },
  build({ sentencePiece }, { flag, roles: { bos, eos, unk, pad, mask } }) {
    const first = [bos!, pad!, eos!, unk!].map((token) => [token, 0] as const); // fairseq's numbers
    return {
      ...words(flag("add_prefix_space", true) ? "always" : "never"),
      normalizer: charsmapOf(sentencePiece)[0] ?? null,
      model: unigram([...first, ...scored(sentencePiece).slice(3), [mask!, 0]], 3),
      template: { single: `${bos} $A ${eos}`, pair: `${bos} $A ${eos} ${eos} $B ${eos}` },
    };
  },
};

/** By `tokenizer_class`, without its "Fast". */
export const recipes: { readonly [tokenizerClass: string]: Recipe } = {
  BertTokenizer: bert,
  DistilBertTokenizer: bert,
  ElectraTokenizer: bert,
  GPT2Tokenizer: gpt2,
  RobertaTokenizer: roberta,
  BartTokenizer: roberta,
  LlamaTokenizer: llama,
  T5Tokenizer: t5,
  AlbertTokenizer: albert,
  XLNetTokenizer: xlnet,
  XLMRobertaTokenizer: xlmRoberta,
};

/** The class of a `model_type` of `config.json`; others are told by their files. */
export const classOfModel: { readonly [modelType: string]: string } = {
  ...{ bert: "BertTokenizer", distilbert: "BertTokenizer", electra: "BertTokenizer", mobilebert: "BertTokenizer" },
  ...{ gpt2: "GPT2Tokenizer", gpt_neo: "GPT2Tokenizer", gptj: "GPT2Tokenizer", opt: "GPT2Tokenizer" },
  ...{ roberta: "RobertaTokenizer", bart: "RobertaTokenizer", longformer: "RobertaTokenizer" },
  ...{ llama: "LlamaTokenizer", t5: "T5Tokenizer", mt5: "T5Tokenizer", albert: "AlbertTokenizer" },
  ...{ xlnet: "XLNetTokenizer", "xlm-roberta": "XLMRobertaTokenizer" },
};
