/** The same numbers in another shape or order. */
import { type Dim, divide, sizeOf } from "../dims.ts";
import {
  axisOf,
  type DType,
  dims,
  type Float,
  int64,
  node,
  type Shape,
  sameShape,
  shapeError,
  show,
  type Tensor,
} from "../tensor.ts";

export function reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(x.shape) !== sizeOf(shape))
    throw shapeError(
      "reshape",
      `cannot reshape ${show(x)} to [${shape.join(", ")}]: ${sizeOf(x.shape)} ≠ ${sizeOf(shape)} elements`,
    );
  const symbols = shape.filter((d) => typeof d === "string");
  const known = symbols.length === 1 && !shape.includes(0);
  const target = known ? int64(shape.map((d) => (typeof d === "string" ? -1 : d))) : dims(shape);
  return node("Reshape", [x, target], {
    shape,
    dtype: x.dtype,
    moves: true,
    attrs: { allowzero: Number(!known) }, // a 0 is a size, not "as before"
    vjp: (dy) => [reshape(dy, x.shape), null],
    overTime: ([X]) => reshape(X!, [X!.shape[0]!, ...shape]),
    sumOverTime: () => moved(x as Tensor as Float, (y) => reshape(y, shape)),
  });
}

/** Axis i of the result is axis `perm[i]` of x. Transposing twice is transposing once, or not at all. */
export function permute<D extends DType>(x: Tensor<D>, perm: readonly number[]): Tensor<D> {
  if (perm.length !== x.shape.length || x.shape.some((_, i) => !perm.includes(i)))
    throw shapeError("permute", `[${perm.join(", ")}] is not an order of the axes of ${show(x)}`);
  if (perm.every((p, i) => p === i)) return x;
  if (x.op === "Transpose") {
    const inner = x.attrs["perm"] as readonly number[];
    return permute(
      x.inputs[0] as Tensor<D>,
      perm.map((p) => inner[p]!),
    );
  }
  const inverse = perm.map((_, i) => perm.indexOf(i));
  return node("Transpose", [x], {
    shape: perm.map((i) => x.shape[i]!),
    dtype: x.dtype,
    moves: true,
    attrs: { perm },
    vjp: (dy) => [permute(dy, inverse)],
    overTime: ([X]) => permute(X!, [0, ...perm.map((p) => p + 1)]),
    sumOverTime: () => moved(x as Tensor as Float, (y) => permute(y, perm)),
  });
}

/** A sum of moved tensors is the moved sum. */
function moved(x: Float, move: (x: Float) => Float) {
  const inner = x.sumOverTime?.();
  return inner && { ...inner, sum: (...of: Parameters<typeof inner.sum>) => move(inner.sum(...of)) };
}

/** Swap the last two axes. */
export const transpose = <D extends DType>(x: Tensor<D>): Tensor<D> => {
  const n = x.shape.length;
  if (n < 2) throw shapeError("transpose", `${show(x)} has no two axes`);
  return permute(x, [...Array(n - 2).keys(), n - 1, n - 2]);
};

/** x with an axis of size 1 before axis `at`; −1 puts it last. */
export function unsqueeze<D extends DType>(x: Tensor<D>, at: number): Tensor<D> {
  const place = at < 0 ? at + x.shape.length + 1 : at;
  if (!(Number.isInteger(place) && place >= 0 && place <= x.shape.length))
    throw shapeError("unsqueeze", `${show(x)} has no place ${at} for an axis`);
  return reshape(x, x.shape.toSpliced(place, 0, 1));
}

/** x without `axis`, whose size is 1. */
export function squeeze<D extends DType>(x: Tensor<D>, axis: number): Tensor<D> {
  const at = axisOf("squeeze", x, axis);
  if (x.shape[at] !== 1) throw shapeError("squeeze", `axis ${axis} of ${show(x)} is not 1`);
  return reshape(x, x.shape.toSpliced(at, 1));
}

/**
 * Einops-style reshape + transpose: `rearrange(x, "b t (h d) -> b h t d", { h: 12 })`.
 * The pattern is the shape comment, and it is checked. (Rogozhnikov 2022, einops)
 */
export function rearrange<D extends DType>(
  x: Tensor<D>,
  pattern: string,
  known: Readonly<Record<string, Dim>> = {},
): Tensor<D> {
  const [from = [], to = []] = pattern.split("->").map(groups);
  const fail = (why: string) => shapeError("rearrange", `"${pattern}": ${why}`);
  if (from.length !== x.shape.length) throw fail(`it wants rank ${from.length}, got ${show(x)}`);
  const order = from.flat();
  if (String(order.toSorted()) !== String(to.flat().toSorted()) || new Set(order).size !== order.length)
    throw fail("the names on its sides differ, or one appears twice");
  const size: Record<string, Dim> = { ...known };
  const sizes = (names: readonly string[]) => names.map((n) => size[n]!);
  from.forEach((names, i) => {
    const unknown = names.filter((n) => !(n in size));
    const rest = divide(x.shape[i]!, sizeOf(sizes(names.filter((n) => n in size))));
    if (unknown.length > 1 || rest === undefined || (unknown.length === 0 && rest !== 1))
      throw fail(`axis ${i} of ${show(x)} is not (${names.join(" ")}) with ${JSON.stringify(size)}`);
    if (unknown[0] !== undefined) size[unknown[0]] = rest;
  });
  const split = reshape(x, sizes(order));
  const moved = permute(
    split,
    to.flat().map((n) => order.indexOf(n)),
  );
  return reshape(
    moved,
    to.map((names) => sizeOf(sizes(names))),
  );
}

const groups = (side: string): string[][] =>
  [...side.matchAll(/\(([^)]*)\)|(\S+)/g)].map((m) => (m[1] ?? m[2]!).trim().split(/\s+/));
