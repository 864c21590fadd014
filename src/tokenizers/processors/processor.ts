/** Post-processors: they put special tokens around one text or two, and number which is which. */
import { addedTokens, type Encoding, joinEncodings } from "../encoding.ts";

export interface Processor {
  /** How many tokens it adds to one text, or to a pair. */
  added(pair: boolean): number;
  /** @param encodings one or two, or what another processor made of them. */
  process(encodings: readonly Encoding[], addSpecialTokens: boolean): Encoding[];
}

export type SpecialToken = readonly [token: string, id: number];

/** The two texts with their numbers as type ids, then the processor, then all in one. */
export function finish(
  processor: Processor | undefined,
  texts: readonly Encoding[],
  addSpecialTokens: boolean,
): Encoding {
  const numbered = texts.map((text, i) => (i === 0 ? text : withSequence(text, i)));
  return joinEncodings(processor ? processor.process(numbered, addSpecialTokens) : numbered);
}

function withSequence(encoding: Encoding, i: number): Encoding {
  const overflowing = encoding.overflowing.map((part) => withSequence(part, i));
  return { ...withType(encoding, i), sequenceIds: encoding.sequenceIds.map(() => i), overflowing };
}

export const withType = (encoding: Encoding, typeId: number): Encoding => ({
  ...encoding,
  typeIds: encoding.typeIds.map(() => typeId),
});

/** `before` and `after` around an encoding and around what overflowed of it. */
function around(
  before: readonly SpecialToken[],
  encoding: Encoding,
  after: readonly SpecialToken[],
  typeId: number,
): Encoding {
  const wrap = (part: Encoding): Encoding =>
    joinEncodings([addedTokens(before, typeId), { ...part, overflowing: [] }, addedTokens(after, typeId)]);
  return { ...wrap(encoding), overflowing: encoding.overflowing.map(wrap) };
}

/** `[CLS] A [SEP] B [SEP]`: BERT's. */
export const bertProcessing = (sep: SpecialToken, cls: SpecialToken): Processor => ({
  added: (pair) => (pair ? 3 : 2),
  process: (encodings, addSpecialTokens) =>
    addSpecialTokens
      ? encodings.map((encoding, i) => (i === 0 ? around([cls], encoding, [sep], 0) : around([], encoding, [sep], 1)))
      : [...encodings],
});

/** `<s> A </s></s> B </s>`: RoBERTa's, whose type ids are all 0. */
export function robertaProcessing(
  sep: SpecialToken,
  cls: SpecialToken,
  trim: ((encoding: Encoding) => Encoding) | undefined,
): Processor {
  return {
    added: (pair) => (pair ? 4 : 2),
    process(encodings, addSpecialTokens) {
      const trimmed = encodings.map((encoding) => withType(trim ? trim(encoding) : encoding, 0));
      if (!addSpecialTokens) return trimmed;
      const zero = ({ overflowing, ...all }: Encoding) => ({
        ...all,
        overflowing: overflowing.map((part) => withType(part, 0)),
      });
      return trimmed.map((encoding, i) => around([i === 0 ? cls : sep], i === 0 ? encoding : zero(encoding), [sep], 0));
    },
  };
}

/**
 * Takes the spaces that byte-level tokens hold out of their offsets. The one that the pre-tokenizer put before the text
 * stands nowhere, and is not taken out.
 */
export function trimOffsets(addPrefixSpace: boolean): (encoding: Encoding) => Encoding {
  const leading = /^[\u0120\p{White_Space}]+/u;
  const trailing = /[\u0120\p{White_Space}]+$/u;
  const trim = (encoding: Encoding): Encoding => {
    const offsets = encoding.offsets.map(([start, end], i): [number, number] => {
      const token = encoding.tokens[i]!;
      const before = token.match(leading)?.[0].length ?? 0;
      const after = token.match(trailing)?.[0].length ?? 0;
      const added = (i === 0 || start === 0) && addPrefixSpace && before === 1;
      const from = added ? start : Math.min(start + before, end);
      if (after === token.length && end >= after) return [from, from]; // nothing but spaces, the added one perhaps
      return [from, after > 0 && end >= after ? Math.max(end - after, from) : end];
    });
    return { ...encoding, offsets, overflowing: encoding.overflowing.map(trim) };
  };
  return trim;
}

export const byteLevelProcessing = (trim: ((encoding: Encoding) => Encoding) | undefined): Processor => ({
  added: () => 0,
  process: (encodings) => encodings.map((encoding) => (trim ? trim(encoding) : encoding)),
});

export const processorSequence = (processors: readonly Processor[]): Processor => ({
  added: (pair) => processors.reduce((sum, processor) => sum + processor.added(pair), 0),
  process: (encodings, addSpecialTokens) =>
    processors.reduce((before, processor) => processor.process(before, addSpecialTokens), [...encodings]),
});
