/** Post-processors by their names in `tokenizer.json`. */
import { type Fields, isObject, partOf, show } from "../check-json.ts";
import { addedTokens, type Encoding } from "../encoding.ts";
import {
  bertProcessing,
  byteLevelProcessing,
  type Processor,
  processorSequence,
  robertaProcessing,
  type SpecialToken,
  trimOffsets,
  withType,
} from "./processor.ts";

const trimOf = (part: Fields) =>
  part.flag("trim_offsets", true) ? trimOffsets(part.flag("add_prefix_space", true)) : undefined;

const kinds: { readonly [type: string]: (part: Fields) => Processor } = {
  BertProcessing: (part) => bertProcessing(special(part, "sep"), special(part, "cls")),
  RobertaProcessing: (part) => robertaProcessing(special(part, "sep"), special(part, "cls"), trimOf(part)),
  ByteLevel: (part) => byteLevelProcessing(trimOf(part)),
  TemplateProcessing: template,
  Sequence: (part) => processorSequence(part.list("processors").map(readProcessor)),
};

/** @throws for a type that is not known, with its place. */
export const readProcessor = (part: Fields): Processor => partOf(part, kinds);

/** A token and its id: `["[SEP]", 102]`. */
function special(part: Fields, key: string): SpecialToken {
  const value = part.raw(key);
  const [token, id] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof token === "string" && typeof id === "number") return [token, id];
  throw new Error(`${part.place}.${key} must be a token and its id, but is ${show(value)}`);
}

interface Piece {
  /** The text, 0 or 1, or the tokens to add. */
  readonly what: number | readonly SpecialToken[];
  readonly typeId: number;
}

/** A list of texts and special tokens for one text, and one for two: `[CLS] $A [SEP]`, `[CLS] $A [SEP] $B:1 [SEP]:1`. */
function template(part: Fields): Processor {
  const pieces = (key: string) => part.list(key).map((piece) => readPiece(piece, part.inner("special_tokens")));
  const [single, pair] = [pieces("single"), pieces("pair")];
  const added = (list: readonly Piece[]) =>
    list.reduce((sum, { what }) => sum + (typeof what === "number" ? 0 : what.length), 0);
  return {
    added: (two) => added(two ? pair : single),
    process: (encodings, addSpecialTokens) =>
      (encodings.length > 1 ? pair : single).flatMap(({ what, typeId }): Encoding[] => {
        if (typeof what !== "number") return addSpecialTokens ? [addedTokens(what, typeId)] : [];
        const encoding = encodings[what];
        if (!encoding) throw new Error(`${part.place}.single names $B, but there is one text`);
        return [withType(encoding, typeId)];
      }),
  };
}

function readPiece(piece: Fields, known: Fields): Piece {
  if (piece.raw("Sequence") !== undefined) {
    const sequence = piece.inner("Sequence");
    return { what: sequence.choice("id", ["A", "B"]) === "A" ? 0 : 1, typeId: sequence.count("type_id") };
  }
  const token = piece.inner("SpecialToken");
  const name = token.text("id");
  if (!isObject(known.raw(name))) throw new Error(`${token.place}.id is ${show(name)}, which is not in ${known.place}`);
  const { ids, tokens } = known.raw(name) as { ids?: unknown; tokens?: unknown };
  if (!Array.isArray(ids) || !Array.isArray(tokens) || ids.length !== tokens.length)
    throw new Error(`${known.place}.${name} must have ids and tokens, as many of one as of the other`);
  return {
    what: tokens.map((text, i): SpecialToken => [String(text), Number(ids[i])]),
    typeId: token.count("type_id"),
  };
}
