/**
 * Unigram: every token has a probability, and a text is cut into the tokens whose product is largest (Kudo 2018,
 * arXiv:1804.10959; Viterbi's search). What no token says is unknown, ten in the exponent below the least likely token.
 */
import { bytesOf } from "./bpe.ts";
import type { Model, PieceTokens } from "./model.ts";
import { pairTable } from "./pair-table.ts";

export interface UnigramOptions {
  /** The number of the unknown token; without one, unknown characters throw. */
  unkId?: number;
  /** An unknown text is its bytes, `<0xE2>` and so on, where the vocabulary has them. */
  byteFallback?: boolean;
}

/** @param pieces tokens by id, with the logarithm of their probability. */
export function unigram(pieces: readonly (readonly [string, number])[], options: UnigramOptions = {}): Model {
  const { unkId, byteFallback = false } = options;
  const vocab = new Map(pieces.map(([token], id) => [token, id]));
  const trie = trieOf(vocab);
  const scores = Float64Array.from(pieces, ([, score]) => score);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY) - 10;

  /** For each end of the best way to it: where its last token begins and which it is. */
  function search(text: string): { begins: Int32Array; ids: Int32Array } {
    const best = new Float64Array(text.length + 1);
    const begins = new Int32Array(text.length + 1).fill(-1);
    const ids = new Int32Array(text.length + 1);
    const offer = (start: number, end: number, id: number, score: number) => {
      if (begins[end]! >= 0 && score <= best[end]!) return;
      best[end] = score;
      begins[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < text.length; ) {
      const next = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      let single = false;
      let node = 0;
      for (let end = start; end < text.length; ) {
        node = trie.child(node, text.charCodeAt(end++));
        if (node < 0) break;
        const id = trie.idAt(node);
        if (id < 0) continue;
        offer(start, end, id, best[start]! + scores[id]!);
        if (end === next) single = true;
      }
      if (!single) {
        if (unkId === undefined)
          throw new Error(`encode: ${JSON.stringify(text.slice(start, next))} is in no token, and there is no unk_id`);
        offer(start, next, unkId, best[start]! + unknownScore);
      }
      start = next;
    }
    return { begins, ids };
  }

  return {
    vocab,
    encode(text): PieceTokens {
      const { begins, ids } = search(text);
      const bounds: number[] = [text.length];
      let unknown = false; // what begins at the last bound is unknown; unknown texts in a row are one
      for (let end = text.length; end > 0; end = begins[end]!) {
        const is = ids[end] === unkId;
        if (is && unknown) bounds.pop();
        bounds.push(begins[end]!);
        unknown = is;
      }
      return numbered(text, bounds.reverse());
    },
  };

  function numbered(text: string, bounds: readonly number[]): PieceTokens {
    const found = { ids: [] as number[], starts: [] as number[], ends: [] as number[], tokens: [] as string[] };
    const add = (id: number, token: string, i: number) => {
      found.ids.push(id);
      found.tokens.push(token);
      found.starts.push(bounds[i]!);
      found.ends.push(bounds[i + 1]!);
    };
    for (let i = 0; i + 1 < bounds.length; i++) {
      const token = text.slice(bounds[i], bounds[i + 1]);
      const id = vocab.get(token);
      const bytes = id === undefined && byteFallback ? bytesOf(token, vocab) : undefined;
      if (bytes) for (const byte of bytes) add(byte, pieces[byte]![0], i);
      else add(id ?? unkId!, token, i);
    }
    return found;
  }
}

export interface Trie {
  /** The node after one more UTF-16 unit; -1 if no token goes on so. The root is 0. */
  child(node: number, unit: number): number;
  /** The token that ends here; -1 for none. */
  idAt(node: number): number;
}

export function trieOf(vocab: ReadonlyMap<string, number>): Trie {
  const children = pairTable(2 * vocab.size);
  const ids: number[] = [-1];
  for (const [token, id] of vocab) {
    let node = 0;
    for (let i = 0; i < token.length; i++) {
      const unit = token.charCodeAt(i);
      let next = children.get(node, unit);
      if (next < 0) {
        next = ids.push(-1) - 1;
        children.set(node, unit, next);
      }
      node = next;
    }
    if (node > 0) ids[node] = id;
  }
  return { child: children.get, idAt: (node) => ids[node]! };
}
