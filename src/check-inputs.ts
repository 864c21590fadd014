/** Inputs of a forward pass, checked before a program sees them: an id that a table lacks is told by its place. */
import { type InputSpec, limitsOf, type ModelSpec } from "./models/index.ts";
import type { Value } from "./tensor/tensor.ts";

/**
 * Throws a TypeError for an input of another rank than its spec's or with nothing in it, for rows longer than the model
 * has positions, and for an id, a position, a token type or a mask that is out of its range.
 */
export function checkInputs(
  values: Readonly<Record<string, Value>>,
  specs: Readonly<Record<string, InputSpec>>,
  spec: ModelSpec,
): void {
  const { vocabulary, sourceVocabulary, positions, firstPosition, tokenTypes } = limitsOf(spec);
  for (const [name, { dims, data }] of Object.entries(values)) {
    const want = specs[name]!.shape;
    if (data.length === 0) throw new TypeError(`run: ${name} is [${dims.join(", ")}]: there is nothing to read`);
    if (dims.length !== want.length)
      throw new TypeError(`run: ${name} is [${dims.join(", ")}], but must be [${want.join(", ")}]`);
    if (want.at(-1) === "time" && dims.at(-1)! > positions)
      throw new TypeError(
        `run: ${name} has rows of ${dims.at(-1)} ids, and the model has ${positions} positions; cut longer texts, or read them in pieces`,
      );
  }
  const { input_ids, decoder_input_ids, position_ids, token_type_ids, attention_mask } = values;
  const remedy = "; is this the model's own tokenizer?";
  if (input_ids) checkRange("input_ids", input_ids, sourceVocabulary, { what: "ids", remedy });
  if (decoder_input_ids) checkRange("decoder_input_ids", decoder_input_ids, vocabulary, { what: "ids", remedy });
  if (position_ids) checkRange("position_ids", position_ids, firstPosition + positions, { what: "positions" });
  if (token_type_ids) checkRange("token_type_ids", token_type_ids, tokenTypes, { what: "token types" });
  if (attention_mask) checkRange("attention_mask", attention_mask, 2, { what: "its numbers" });
}

const IGNORED = -100; // a label that counts for nothing

/** Throws a TypeError for a label that is none of so many classes; −100 is left out of the loss. */
export const checkLabels = (labels: Value, classes: number): void =>
  checkRange("labels", labels, classes, { what: "labels", free: IGNORED });

interface Range {
  readonly what: string;
  /** A number that is allowed beside those of the range. */
  readonly free?: number;
  readonly remedy?: string;
}

function checkRange(name: string, { data, dims }: Value, below: number, { what, free, remedy = "" }: Range): void {
  const width = dims.at(-1)!;
  for (let i = 0; i < data.length; i++) {
    const x = Number(data[i]);
    if ((x >= 0 && x < below) || x === free) continue;
    const most = below === Number.POSITIVE_INFINITY ? "0 and more" : `0 to ${below - 1}`;
    throw new TypeError(
      `run: ${name} has ${x} at ${placeOf(i, dims.length, width)}; ${what} are ${most}${free === undefined ? "" : `, or ${free}`}${remedy}`,
    );
  }
}

const placeOf = (i: number, rank: number, width: number): string =>
  rank === 1 ? `row ${i}` : `row ${Math.floor(i / width)}, position ${i % width}`;
