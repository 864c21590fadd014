/** Rotary positions: queries and keys are turned by angles that grow with their place (Su et al. 2021, arXiv:2104.09864). */
import { add, cast, concat, cos, max, mul, sin, slice, sub, unsqueeze } from "../../tensor/ops/index.ts";
import { constant, type Float, type Ids, shapeError, show, sizes } from "../../tensor/tensor.ts";

/** How fast each pair of numbers turns. */
export interface Rope {
  /** Radians for one position [pairs]; or from the length of the longest sequence [], where they follow from it. */
  readonly frequencies: Float32Array | ((length: Float) => Float);
  /** What cosines and sines are multiplied by; 1 unless given. */
  readonly scale?: number;
}

/** Of each position's pairs: [B, 1, T, pairs], or [T, pairs] where all rows have the same positions. */
export interface Rotation {
  readonly cos: Float;
  readonly sin: Float;
}

/** The turns of these positions, [B, T] or [T]. */
export function rotation(position_ids: Ids, { frequencies, scale = 1 }: Rope): Rotation {
  const positions = cast(position_ids, "float32") as Float;
  const each =
    typeof frequencies === "function"
      ? frequencies(add(max(positions), 1))
      : constant("float32", [frequencies.length], frequencies);
  const angles = mul(unsqueeze(positions, -1), each);
  const perHead = position_ids.shape.length === 2 ? unsqueeze(angles, 1) : angles;
  return { cos: mul(cos(perHead), scale), sin: mul(sin(perHead), scale) };
}

/**
 * x [B, H, T, D] with pair i, the numbers i and pairs + i, turned by its angle; numbers behind the pairs stay. Throws a
 * ShapeError where a head has fewer than 2 · pairs numbers.
 */
export function rotate(x: Float, { cos, sin }: Rotation): Float {
  const [, , , D] = sizes(x, "B H T D");
  const pairs = cos.shape.at(-1) as number;
  if (typeof D !== "number" || D < 2 * pairs)
    throw shapeError("rotate", `${show(x)}: ${pairs} pairs do not fit into a head of ${D}`);
  const [a, b] = [slice(x, 3, 0, pairs), slice(x, 3, pairs, 2 * pairs)];
  const turned = [sub(mul(a, cos), mul(b, sin)), add(mul(b, cos), mul(a, sin))];
  return concat(D === 2 * pairs ? turned : [...turned, slice(x, 3, 2 * pairs, D)], 3);
}
