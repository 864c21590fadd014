/**
 * Models that look pieces up. WordLevel knows them whole; WordPiece takes the longest beginning it knows, then the
 * longest beginning of the rest, and so on (Wu et al. 2016, arXiv:1609.08144, as in BERT).
 */
import { type Model, type PieceTokens, whole } from "./model.ts";

export function wordLevelModel(vocab: ReadonlyMap<string, number>, unk: string): Model {
  const unknown = vocab.get(unk);
  return {
    vocab,
    encode(piece) {
      const id = vocab.get(piece) ?? unknown;
      if (id !== undefined) return whole(id, piece);
      throw new Error(`encode: the vocabulary has neither ${JSON.stringify(piece)} nor the unknown token ${unk}`);
    },
  };
}

export interface WordPieceOptions {
  unk?: string;
  /** What the vocabulary writes before a token that does not begin its word. */
  continuingSubwordPrefix?: string;
  /** A longer word is unknown. */
  maxInputCharsPerWord?: number;
}

export function wordPiece(vocab: ReadonlyMap<string, number>, options: WordPieceOptions = {}): Model {
  const { unk = "[UNK]", continuingSubwordPrefix: prefix = "##", maxInputCharsPerWord: longest = 100 } = options;
  const unknown = (word: string): PieceTokens => {
    const id = vocab.get(unk);
    if (id !== undefined) return whole(id, word);
    throw new Error(`encode: ${JSON.stringify(word)} is unknown, and the vocabulary has no ${JSON.stringify(unk)}`);
  };
  // no token stands for more of a word than the longest one writes
  let units = 0;
  for (const token of vocab.keys()) units = Math.max(units, token.length);
  return {
    vocab,
    encode(word) {
      if (word.length > longest && [...word].length > longest) return unknown(word);
      const [ids, starts, ends]: [number[], number[], number[]] = [[], [], []];
      for (let start = 0; start < word.length; start = ends.at(-1)!) {
        let end = Math.min(word.length, start + units);
        let id: number | undefined;
        for (; end > start; end--) {
          const part = word.slice(start, end);
          id = vocab.get(start > 0 ? prefix + part : part);
          if (id !== undefined) break;
        }
        if (id === undefined) return unknown(word);
        ids.push(id);
        starts.push(start);
        ends.push(end);
      }
      return { ids, starts, ends };
    },
  };
}
