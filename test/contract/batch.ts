/** Inputs for any head: each argument, known by Hugging Face's name for it, is filled as its meaning asks. */
import { type InputSpec, limitsOf, type ModelSpec } from "../../src/models/index.ts";
import { below, keyOf, normal } from "../../src/random.ts";
import { count, type Value } from "../../src/tensor/dtype.ts";
import { input, type Tensor } from "../../src/tensor/index.ts";

export type Batch = Record<string, Value>;
type Inputs = Readonly<Record<string, InputSpec>>;

/** An argument's sizes where nothing was read before: there are as many keys as tokens. */
export const shapeOf = ({ shape }: InputSpec) => shape.map((size) => (size === "keys" ? "time" : size));

/** A head's arguments as inputs of a graph. */
export function graphInputs(inputs: Inputs, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, input(shapeOf(inputs[name]!), inputs[name]!.dtype)]));
}

/** Answers to a question of multiple choice. */
export const CHOICES = 2;

interface Rows {
  /** How many tokens each row has; shorter rows are padded. */
  readonly lengths: readonly number[];
  /** The number of the first row: the rows of a batch can be had one by one. */
  readonly first?: number;
  readonly padding?: "left" | "right";
  /** What labels are chosen from. */
  readonly classes?: number;
  readonly seed?: number;
}

/** Drawn inputs. Rows of one number hold the same, beside whichever others, however padded. */
export function batchOf(
  spec: ModelSpec,
  inputs: Inputs,
  names: readonly string[],
  { lengths, first = 0, padding = "right", classes = 2, seed = 1 }: Rows,
): Batch {
  const longest = Math.max(...lengths);
  const { vocabulary, tokenTypes, firstPosition } = limitsOf(spec);
  /** Which of its row's tokens a place holds; none of those there are: padding. */
  const tokenAt = (row: number, place: number) => {
    const at = padding === "left" ? place - (longest - lengths[row]!) : place;
    return at < lengths[row]! ? at : -1;
  };
  const make = (name: string): Value => {
    const { dtype, shape } = inputs[name]!;
    const dims = shapeOf({ dtype, shape }).map((size) =>
      typeof size === "number" ? size : size === "batch" ? lengths.length : size === "choices" ? CHOICES : longest,
    );
    const inTime = shape.length > 1 && typeof shape.at(-1) === "string" && shape.at(-1) !== "choices";
    const perRow = count(dims.slice(1));
    const numbers = Array.from({ length: count(dims) }, (_, i) => {
      const [row, inRow] = [Math.floor(i / perRow), i % perRow];
      const place = inTime ? inRow % longest : inRow;
      const token = inTime ? tokenAt(row, place) : place;
      const key = keyOf(seed, name, first + row, inTime ? Math.floor(inRow / longest) : 0);
      if (dtype === "float32") return name === "labels" && shape.length > 1 ? below(2, key, place) : normal(key, place);
      const draw = (n: number) => below(n, key, token < 0 ? longest + place : token);
      if (name.endsWith("attention_mask")) return Number(token >= 0);
      if (name === "position_ids") return firstPosition + Math.max(token, 0);
      if (name === "token_type_ids") return draw(Math.min(2, tokenTypes));
      if (name.endsWith("_positions")) return draw(lengths[row]!);
      if (name === "mc_token_ids") return lengths[row]! - 1;
      if (name === "mc_labels") return draw(CHOICES);
      if (name.endsWith("_label")) return draw(2);
      if (name === "labels") return token < 0 ? -100 : draw(classes);
      const id = draw(vocabulary);
      const pad = padId(spec.rest, id);
      return token < 0 ? pad : id === spec.rest["pad_token_id"] ? (id + 1) % vocabulary : id;
    });
    return dtype === "int64"
      ? { dtype: "int64", dims, data: BigInt64Array.from(numbers, BigInt) }
      : { dtype: "float32", dims, data: Float32Array.from(numbers) };
  };
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

/** The model's own, where it has one: some heads look for it. Else any id: padding must not count, whatever it holds. */
const padId = (rest: Readonly<Record<string, unknown>>, any: number) =>
  typeof rest["pad_token_id"] === "number" ? rest["pad_token_id"] : any;
