/**
 * A SentencePiece model as the content of `tokenizer.json`: its normalization, its ▁ for spaces, its pieces. Merges of
 * byte-pair models are not in the file; they are every way to make a piece of two others, in the order of the pieces
 * (T. Kudo and J. Richardson 2018, arXiv:1808.06226; `convert_slow_tokenizer.py` of transformers 5.23).
 */
import { addedToken, type Json, type TokenizerJson } from "../tokenizer-json.ts";
import type { SentencePieceModel } from "./sentencepiece-file.ts";

/** The tokenizer that cuts texts as SentencePiece itself does with the model. */
export function fromSentencePiece(model: SentencePieceModel): TokenizerJson {
  const { addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces, whitespaceAsSuffix, byteFallback } = model;
  const space = escapeWhitespaces ? "▁" : " ";
  const normalizers: Json[] = [
    ...charsmapOf(model),
    ...(removeExtraWhitespaces
      ? [
          { type: "Replace", pattern: { Regex: String.raw`\A +| +\z` }, content: "" },
          { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
        ]
      : []),
    ...(addDummyPrefix
      ? [whitespaceAsSuffix ? { type: "Append", append: " " } : { type: "Prepend", prepend: " " }]
      : []),
    ...(escapeWhitespaces ? [{ type: "Replace", pattern: { String: " " }, content: "▁" }] : []),
  ];
  const isWhole = ({ piece }: { piece: string }) =>
    whitespaceAsSuffix ? !piece.slice(0, -1).includes(space) : !piece.slice(1).includes(space);
  const behavior = whitespaceAsSuffix ? "MergedWithPrevious" : "MergedWithNext";
  const split = { type: "Split", pattern: { String: space }, behavior, invert: false };
  const strip = whitespaceAsSuffix ? { start: 0, stop: 1 } : { start: 1, stop: 0 };
  return {
    ...{ version: "1.0", truncation: null, padding: null, added_tokens: addedOf(model), post_processor: null },
    normalizer: { type: "Sequence", normalizers },
    pre_tokenizer: model.pieces.every(isWhole) ? split : null, // no piece crosses a space: words can be cut alone
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        ...(byteFallback ? [{ type: "ByteFallback" }] : []),
        { type: "Fuse" },
        ...(addDummyPrefix ? [{ type: "Strip", content: " ", ...strip }] : []),
      ],
    },
    model: modelOf(model),
  };
}

/** The normalizer that applies the model's table, if it has one. */
export const charsmapOf = ({ charsmap }: SentencePieceModel): Json[] =>
  charsmap.length === 0 ? [] : [{ type: "Precompiled", precompiled_charsmap: base64(charsmap) }];

/** Control pieces are special, those that a user defined are not; both are found in the text as it was written. */
export const addedOf = ({ pieces }: SentencePieceModel) =>
  pieces.flatMap(({ piece, type }, id) =>
    type === "control" || type === "user defined" ? [{ ...addedToken(id, piece), special: type === "control" }] : [],
  );

/** The part `model`. */
export function modelOf(model: SentencePieceModel): Json {
  const { algorithm, pieces, unkId, byteFallback } = model;
  if (algorithm === "unigram")
    return {
      type: "Unigram",
      unk_id: unkId,
      vocab: pieces.map(({ piece, score }) => [piece, score]),
      byte_fallback: byteFallback,
    };
  return {
    ...{ type: "BPE", dropout: null, unk_token: pieces[unkId]!.piece, fuse_unk: true, byte_fallback: byteFallback },
    vocab: Object.fromEntries(pieces.map(({ piece }, id) => [piece, id])),
    merges: mergesOf(pieces.map(({ piece }) => piece)),
  };
}

/** @param tokens by id. Every way to make one of two others: by id, those with the shorter first part first. */
export function mergesOf(tokens: readonly string[]): [string, string][] {
  const known = new Set(tokens);
  const merges: [string, string][] = [];
  for (const token of tokens) {
    const characters = [...token];
    for (let length = 1, at = 0; length < characters.length; length++) {
      at += characters[length - 1]!.length;
      const [first, rest] = [token.slice(0, at), token.slice(at)];
      if (known.has(first) && known.has(rest)) merges.push([first, rest]);
    }
  }
  return merges;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
