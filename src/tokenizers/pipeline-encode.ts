/**
 * From a text to tokens: added tokens are found, what is between them is normalized, cut and given to the model. What
 * becomes of a piece depends on its letters alone, so that most pieces are looked up and not computed.
 */
import { type AddedToken, addedTokenFinder, writtenAs } from "./added-tokens.ts";
import { type Aligned, originalOf, realign, sliceAligned, startOf } from "./aligned.ts";
import { type Edit, editSequence } from "./edit.ts";
import { type Encoding, encodingOf } from "./encoding.ts";
import type { Dropout } from "./models/bpe-dropout.ts";
import type { Model, PieceTokens } from "./models/model.ts";
import type { Stage } from "./pre-tokenizers/stage.ts";

export interface PipelineParts {
  readonly normalizer: Edit | undefined;
  readonly stages: readonly Stage[];
  readonly model: Model;
  readonly added: readonly AddedToken[];
  /** What a token is called. */
  readonly tokens: readonly (string | undefined)[];
}

/** A piece of an aligned text, and where it begins there. */
type Visit = (whole: Aligned, piece: string, from: number) => void;

/** A piece's tokens with their places in it, and how many words it is: the number of each token's, if it is not one. */
type Placed = Omit<PieceTokens, "tokens"> & {
  readonly tokens: readonly string[] | undefined;
  readonly words: readonly number[];
  readonly count: number;
};

const none: readonly number[] = [];
const longestKept = 256;
const mostKept = 50_000;

export function pipelineEncoder({ normalizer, stages, model, added, tokens }: PipelineParts) {
  const written = writtenAs(normalizer);
  const findPlain = addedTokenFinder(
    added.filter((token) => !token.normalized),
    written,
  );
  const findNormalized = addedTokenFinder(
    added.filter((token) => token.normalized),
    written,
  );

  // what comes after the first split sees one piece at a time: its result is remembered with the piece's tokens
  const firstSplit = stages.findIndex((stage) => "split" in stage);
  const rest = stages.slice(firstSplit + 1);
  const remembered = firstSplit >= 0 && rest.every((stage) => "split" in stage || stage.everywhere) ? rest : [];
  const before = stages.slice(0, stages.length - remembered.length);

  const kept = new Map<string, Placed>();
  function encodePiece(piece: string, dropout?: Dropout): Placed {
    const known = dropout ? undefined : kept.get(piece);
    if (known) return known;
    const found = computed(piece, dropout);
    if (!dropout && piece.length < longestKept) {
      if (kept.size >= mostKept) kept.clear();
      kept.set(copy(piece), found);
    }
    return found;
  }
  const tail = remembered.every((stage) => "edit" in stage)
    ? editSequence(remembered.flatMap((stage) => ("edit" in stage ? [stage.edit] : [])))
    : undefined;
  function computed(piece: string, dropout?: Dropout): Placed {
    if (!tail) return computedInParts(piece, dropout);
    const traced = tail.trace(piece, false);
    const { ids, starts, ends, tokens } = model.encode(traced.text, dropout);
    const aligned = traced.source && realign({ text: piece, at: 0 }, traced);
    const places = aligned ? ids.map((_, i) => originalOf(aligned, starts[i]!, ends[i]!)) : undefined;
    return {
      ids,
      starts: places ? places.map(([start]) => start) : starts,
      ends: places ? places.map(([, end]) => end) : ends,
      tokens,
      words: none,
      count: 1,
    };
  }
  function computedInParts(piece: string, dropout?: Dropout): Placed {
    const [ids, starts, ends, words]: number[][] = [[], [], [], []];
    const names: string[] = [];
    let [count, named] = [0, false];
    eachPiece(remembered, { text: piece, at: 0 }, (whole, inner, from) => {
      const made = model.encode(inner, dropout);
      named ||= made.tokens !== undefined;
      for (let i = 0; i < made.ids.length; i++) {
        const [start, end] = originalOf(whole, from + made.starts[i]!, from + made.ends[i]!);
        ids!.push(made.ids[i]!);
        starts!.push(start);
        ends!.push(end);
        words!.push(count);
        names.push(made.tokens?.[i] ?? tokens[made.ids[i]!]!);
      }
      count++;
    });
    // slices: an array that grew has room for more, and many are kept
    return {
      ids: ids!.slice(),
      starts: starts!.slice(),
      ends: ends!.slice(),
      tokens: named ? names.slice() : undefined,
      words: count > 1 ? words!.slice() : none,
      count,
    };
  }

  function encode(text: string, dropout?: Dropout): Encoding {
    const made: Parameters<typeof encodingOf>[0] = { ids: [], tokens: [], offsets: [], wordIds: [] };
    const { ids, tokens: names, offsets, wordIds } = made;
    let words = 0;
    const visit = (whole: Aligned, piece: string, from: number) => {
      const found = encodePiece(piece, dropout);
      for (let i = 0; i < found.ids.length; i++) {
        const id = found.ids[i]!;
        ids.push(id);
        names.push(found.tokens?.[i] ?? tokens[id]!);
        offsets.push(originalOf(whole, from + found.starts[i]!, from + found.ends[i]!));
        wordIds.push(found.count > 1 ? words + found.words[i]! : words);
      }
      words += found.count;
    };
    for (const { aligned, token } of segments(text)) {
      if (!token) {
        eachPiece(before, aligned, visit);
        continue;
      }
      ids.push(token.id);
      names.push(aligned.text);
      offsets.push(originalOf(aligned, 0, aligned.text.length));
      wordIds.push(words++);
    }
    return encodingOf(made);
  }

  /** Added tokens and the aligned, normalized texts between them. */
  function* segments(text: string): Iterable<{ aligned: Aligned; token: AddedToken | undefined }> {
    for (const { start, end, token } of findPlain(text)) {
      const part: Aligned = { text: text.slice(start, end), at: start };
      if (token) {
        yield { aligned: part, token };
        continue;
      }
      const aligned = normalizer ? realign(part, normalizer.trace(part.text, start === 0)) : part;
      for (const inner of findNormalized(aligned.text))
        yield { aligned: sliceAligned(aligned, inner.start, inner.end), token: inner.token };
    }
  }

  /** Visits the pieces of an aligned text, as the stages make them, each with where it begins there. */
  function eachPiece(
    stages: readonly Stage[],
    aligned: Aligned,
    visit: Visit,
    from = 0,
    to = aligned.text.length,
    next = 0,
  ): void {
    if (to <= from) return;
    const text = from === 0 && to === aligned.text.length ? aligned.text : aligned.text.slice(from, to);
    const stage = stages[next];
    if (!stage) visit(aligned, text, from);
    else if ("edit" in stage) {
      const part = sliceAligned(aligned, from, to);
      const edited = realign(part, stage.edit.trace(part.text, startOf(aligned, from) === 0));
      eachPiece(stages, edited, visit, 0, edited.text.length, next + 1);
    } else {
      const whole = next === stages.length - 1 ? stage.pieces?.(text) : undefined;
      if (whole) {
        let at = from;
        for (let i = 0; i < whole.length; i++) {
          visit(aligned, whole[i]!, at);
          at += whole[i]!.length;
        }
        return;
      }
      const bounds = stage.split(text);
      for (let i = 0; i < bounds.length; i += 2)
        eachPiece(stages, aligned, visit, from + bounds[i]!, from + bounds[i + 1]!, next + 1);
    }
  }

  /** `encode(text).ids`, without the places. */
  function encodeIds(text: string): Int32Array {
    let ids = new Int32Array(Math.max(64, text.length >> 1));
    let count = 0;
    const add = (more: readonly number[]) => {
      if (count + more.length > ids.length) {
        const longer = new Int32Array(2 * ids.length + more.length);
        longer.set(ids);
        ids = longer;
      }
      for (let i = 0; i < more.length; i++) ids[count++] = more[i]!;
    };
    for (const { start, end, token } of findPlain(text)) {
      if (token) {
        add([token.id]);
        continue;
      }
      const part = text.slice(start, end);
      const normalized = normalizer ? normalizer.apply(part, start === 0) : part;
      for (const inner of findNormalized(normalized)) {
        if (inner.token) add([inner.token.id]);
        else
          for (const piece of pieces(normalized.slice(inner.start, inner.end), start + inner.start === 0))
            add(encodePiece(piece).ids);
      }
    }
    return ids.slice(0, count);
  }

  function pieces(text: string, first: boolean): readonly string[] {
    let list: readonly string[] = [text];
    for (const stage of before) {
      const next: string[] = [];
      for (let i = 0; i < list.length; i++) {
        const piece = list[i]!;
        if ("edit" in stage) {
          next.push(stage.edit.apply(piece, first && i === 0));
          continue;
        }
        const whole = list.length === 1 && stage === before.at(-1) ? stage.pieces?.(piece) : undefined;
        if (whole) return whole;
        const bounds = stage.split(piece);
        for (let b = 0; b < bounds.length; b += 2) next.push(piece.slice(bounds[b], bounds[b + 1]));
      }
      list = next;
    }
    return list.filter((piece) => piece !== "");
  }

  // an edit that asks where its piece began is only sure of it where nothing has moved yet
  const placeless = stages.every((stage, i) => "split" in stage || stage.everywhere || (i === 0 && !normalizer));
  return { encode, encodeIds: placeless ? encodeIds : (text: string) => Int32Array.from(encode(text).ids) };
}

/** A string of its own: a slice would keep its whole text in memory. */
const copy = (text: string) => (text.length < 13 ? text : [...text].join(""));
