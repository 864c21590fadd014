/**
 * SentencePiece's `.model` file: pieces with their scores, and how text is normalized, as a protobuf message
 * (`sentencepiece_model.proto`, version 0.2). Read field by field and checked, since it may come from anywhere.
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

export type PieceType = "normal" | "unknown" | "control" | "user defined" | "unused" | "byte";

export interface SentencePieceModel {
  readonly algorithm: "unigram" | "bpe";
  readonly pieces: readonly { readonly piece: string; readonly score: number; readonly type: PieceType }[];
  readonly unkId: number;
  readonly byteFallback: boolean;
  /** The normalization table; empty: none. */
  readonly charsmap: Uint8Array;
  /** A space is put before every text. */
  readonly addDummyPrefix: boolean;
  /** Spaces at the ends go, and several in a row are one. */
  readonly removeExtraWhitespaces: boolean;
  /** A space is written ▁. */
  readonly escapeWhitespaces: boolean;
  /** The ▁ ends a word instead of beginning it. */
  readonly whitespaceAsSuffix: boolean;
}

const algorithms = ["", "unigram", "bpe", "word", "char"];
const types: readonly PieceType[] = ["normal", "normal", "unknown", "control", "user defined", "unused", "byte"];

/** @param place what the bytes are, usually a path; errors begin with it. */
export function readSentencePiece(bytes: Uint8Array, place: string): SentencePieceModel {
  const pieces: SentencePieceModel["pieces"][number][] = [];
  let trainer: Uint8Array | undefined;
  let normalizer: Uint8Array | undefined;
  eachField(bytes, place, {
    1: (value) => pieces.push(readPiece(value as Uint8Array, `${place}: piece ${pieces.length}`)),
    2: (value) => {
      trainer = value as Uint8Array;
    },
    3: (value) => {
      normalizer = value as Uint8Array;
    },
  });
  if (pieces.length === 0) throw new Error(`${place}: it has no pieces; is this a SentencePiece model?`);
  if (!trainer || !normalizer)
    throw new Error(`${place}: it ends after ${pieces.length} pieces, before how they are used; was it cut?`);

  const trained = numbers(trainer, `${place}: trainer_spec`);
  const algorithm = algorithms[trained.get(3) ?? 1];
  if (algorithm !== "unigram" && algorithm !== "bpe")
    throw new Error(`${place}: its model_type is ${algorithm ?? trained.get(3)}; unigram and bpe are known here`);
  const normal = numbers(normalizer, `${place}: normalizer_spec`);
  let charsmap: Uint8Array = new Uint8Array();
  eachField(normalizer, `${place}: normalizer_spec`, {
    2: (value) => {
      charsmap = value as Uint8Array;
    },
  });
  const unkId = trained.get(40) ?? 0;
  if (pieces[unkId]?.type !== "unknown")
    throw new Error(`${place}: unk_id is ${unkId}, but piece ${unkId} is ${pieces[unkId]?.type ?? "missing"}`);
  return {
    ...{ algorithm, pieces, unkId, charsmap },
    byteFallback: trained.get(35) === 1,
    addDummyPrefix: normal.get(3) !== 0,
    removeExtraWhitespaces: normal.get(4) !== 0,
    escapeWhitespaces: normal.get(5) !== 0,
    whitespaceAsSuffix: trained.get(24) === 1,
  };
}

function readPiece(bytes: Uint8Array, place: string): SentencePieceModel["pieces"][number] {
  let [piece, score, type] = ["", 0, 1];
  eachField(bytes, place, {
    1: (value) => {
      piece = utf8(value as Uint8Array, place);
    },
    2: (value) => {
      score = value as number;
    },
    3: (value) => {
      type = value as number;
    },
  });
  const known = types[type];
  if (known === undefined) throw new Error(`${place} is of type ${type}; types are 1 to ${types.length - 1}`);
  return { piece, score, type: known };
}

/** The fields of a message that are whole numbers, true or false. */
function numbers(bytes: Uint8Array, place: string): Map<number, number> {
  const found = new Map<number, number>();
  const reader = new BinaryReader(bytes);
  checked(place, () => {
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      if (wire === WireType.Varint) found.set(field, Number(reader.int64()));
      else reader.skip(wire, field);
    }
  });
  return found;
}

type Visit = (value: Uint8Array | number) => void;

/** Visits the fields that are asked for: bytes, whole numbers, or floats; others are passed over. */
function eachField(bytes: Uint8Array, place: string, visits: { readonly [field: number]: Visit }): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const value = checked(place, () => {
      const [field, wire] = reader.tag();
      const visit = visits[field];
      if (!visit) reader.skip(wire, field);
      else if (wire === WireType.LengthDelimited) return { visit, value: reader.bytes() };
      else if (wire === WireType.Varint) return { visit, value: reader.int32() };
      else if (wire === WireType.Bit32) return { visit, value: reader.float() };
      else reader.skip(wire, field);
      return undefined;
    });
    value?.visit(value.value);
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const utf8 = (bytes: Uint8Array, place: string): string => {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Error(`${place} is not UTF-8 text`);
  }
};

/** The library's errors do not say where they are. */
function checked<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${place} is cut off or no SentencePiece model (${(cause as Error).message})`, { cause });
  }
}
