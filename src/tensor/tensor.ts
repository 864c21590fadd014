/**
 * A tensor is a node in a graph: it says what to compute, not what the numbers are.
 * Calling an op adds a node; nothing runs until the graph is lowered to ONNX and opened as a program.
 */
import { type Dim, dim, minus, type Shape } from "./dims.ts";
import { type Data, type DType, type FloatType, toData } from "./dtype.ts";
import { scope } from "./trace.ts";

export type { Dim, Shape } from "./dims.ts";
export type { Data, DType, FloatType, Value } from "./dtype.ts";

export interface Tensor<D extends DType = DType> {
  readonly shape: Shape;
  readonly dtype: D;
  /** The ONNX operator; or a leaf: "input", "param", "const", "dims"; or an "item" of a node with several results. */
  readonly op: string;
  /** The operator set it is from: "" is ONNX's own. */
  readonly domain: string;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  /** On a "const": its numbers. */
  readonly value?: Data;
  /** On a "dims": the sizes that it holds. */
  readonly sizes?: Shape;
  /** Cotangent of the output → cotangents of the inputs (null: not differentiable). Absent: none are. */
  readonly vjp?: Vjp | undefined;
  /** The same for a node with several results, each read by an "item": given the cotangents of those items that have one. */
  readonly itemsVjp?: ItemsVjp;
  /** On a node with several results: how many, and how many of them the operator insists on. */
  readonly results?: { readonly count: number; readonly required: number };
  /** On an "item": which result; for a Scan, a tensor of its body means that tensor at every step. */
  readonly which?: number | Tensor;
  /** The graph run at every step of a Scan. */
  readonly body?: Body;
  /** This op for all steps of a scan at once, if it can: some of its inputs have gained a leading axis, time. */
  readonly overTime?: OverTime | undefined;
  /** The sum of this op's results over a scan's steps, where that is cheaper than adding them up one by one. */
  readonly sumOverTime?: (() => SumOfSteps | undefined) | undefined;
  /** It costs less than reading its result back: in a loop it is done where its inputs are at hand. */
  readonly light?: boolean | undefined;
  /** It only moves numbers: cheaper made again in a backward pass than kept for it. */
  readonly moves?: boolean | undefined;
  /** On a table of zeros to which rows were added at ids: those, for who would rather add them to a table at hand. */
  readonly added?: Added | undefined;
  /** What must hold of sizes that are not known yet; the engine does not check it, and crashes. */
  readonly needs?: readonly Need[] | undefined;
  /** What stands here when the graph is lowered for evaluation: dropout's is its input. */
  readonly evaluation?: Tensor | undefined;
  /** Where in the model it was made, e.g. "transformer.h.0.attn"; for errors, ONNX node names and taps. */
  readonly scope: string;
}

export interface Added {
  /** [n] */
  readonly ids: Tensor<"int64">;
  /** [n, C] */
  readonly rows: Tensor;
}

export interface Need {
  /** It must not be negative when the node runs … */
  readonly size: Dim;
  /** … or this is wrong. */
  readonly otherwise: string;
}

export interface Body {
  /** Values carried from step to step, as the step finds and as it leaves them. */
  readonly before: readonly Tensor[];
  readonly after: readonly Tensor[];
  /** Body tensors that are one slice of an outer tensor at each step: the Scan's inputs after the carries. */
  readonly slices: readonly Tensor[];
  readonly reverse: boolean;
}

/** A number is an integer attribute; a fraction and a type say so: `{ float: 1e-5 }`, `{ dtype: "int64" }`. */
export type Attrs = Readonly<Record<string, Attr>>;
export type Attr = number | string | readonly number[] | { readonly float: number } | { readonly dtype: DType };
export type Vjp = (dy: Tensor) => readonly (Tensor | null)[];
export type ItemsVjp = (dys: ReadonlyMap<Tensor, Float>, wanted: (x: Tensor) => boolean) => readonly (Tensor | null)[];
export type OverTime = (inputs: readonly Tensor[], stacked: readonly boolean[]) => Tensor | undefined;
export interface SumOfSteps {
  /** Body tensors to stack over time. */
  readonly operands: readonly Tensor[];
  /** Body tensors to add up in the loop. */
  readonly terms: readonly Float[];
  readonly sum: (stack: (x: Tensor) => Float, total: (x: Tensor) => Float) => Float;
}

export type Float = Tensor<FloatType>;
export type Ids = Tensor<"int64">;
export type Bool = Tensor<"bool">;

interface NodeSpec<D extends DType> {
  readonly shape: Shape;
  /** Its first input's, unless given. */
  readonly dtype?: D;
  readonly domain?: string;
  readonly attrs?: Attrs;
  readonly vjp?: (dy: Float, y: Float) => readonly (Tensor | null)[];
  readonly overTime?: OverTime;
  readonly sumOverTime?: () => SumOfSteps | undefined;
  readonly light?: boolean;
  readonly moves?: boolean;
  readonly added?: Added;
  readonly needs?: readonly Need[];
  readonly evaluation?: Tensor;
}

/** Declare one op: its ONNX name, its inputs, the shape of its result and its vector-Jacobian product. */
export function node<D extends DType = FloatType>(op: string, inputs: readonly Tensor[], spec: NodeSpec<D>): Tensor<D> {
  const { shape, domain = "", attrs = {}, vjp, overTime, sumOverTime, light, moves, added, needs, evaluation } = spec;
  const dtype = spec.dtype ?? (inputs[0]!.dtype as D);
  const y: Tensor<D> = {
    op,
    domain,
    inputs,
    shape,
    dtype,
    attrs,
    scope: scope(),
    vjp: vjp && ((dy) => vjp(dy as Float, y as Tensor as Float)),
    overTime,
    sumOverTime,
    light,
    moves,
    added,
    needs,
    evaluation,
  };
  return y;
}

interface SeveralSpec {
  readonly attrs?: Attrs;
  readonly moves?: boolean;
  readonly needs?: readonly Need[];
  readonly body?: Body;
  readonly results?: { readonly count: number; readonly required: number };
  readonly itemsVjp: ItemsVjp;
}

/** Declare an op with several results: a node that is read through `item`s. */
export function several(op: string, inputs: readonly Tensor[], { attrs = {}, ...spec }: SeveralSpec): Tensor {
  return { ...node(op, inputs, { shape: [], dtype: "float32", attrs }), ...spec };
}

/** One result of a node with several. */
export const item = <D extends DType>(of: Tensor, which: number | Tensor, shape: Shape, dtype: D): Tensor<D> => ({
  ...node("item", [of], { shape, dtype }),
  which,
});

const leaf = <D extends DType>(op: string, shape: Shape, dtype: D): Tensor<D> =>
  node(op, [], { shape: shape.map(dim), dtype });

/** A value fed from outside; its sizes are numbers or names: `input(["batch", "time"], "int64")`. */
export function input(shape: Shape): Tensor<"float32">;
export function input<D extends DType>(shape: Shape, dtype: D): Tensor<D>;
export function input(shape: Shape, dtype: DType = "float32"): Tensor {
  return leaf("input", shape, dtype);
}

/** A trainable value, fed from outside as well; `nn/layer.ts` says how it gets its first numbers. */
export const parameter = (shape: Shape): Tensor<"float32"> => leaf("param", shape, "float32");

/** Numbers known when the graph is made. */
export const constant = <D extends DType>(dtype: D, shape: readonly number[], value: Data): Tensor<D> => ({
  ...leaf("const", shape, dtype),
  value,
});

/** A number as a tensor; it may be a size: `div(sum(x), scalar("time"))`. */
export function scalar<D extends DType = "float32">(value: Dim, dtype = "float32" as D): Tensor<D> {
  if (typeof value === "number") return constant(dtype, [], toData(dtype, [value]));
  const size = node("Squeeze", [dims([value])], { shape: [], dtype: "int64" });
  if (dtype === "int64") return size as Tensor as Tensor<D>;
  return node("Cast", [size], { shape: [], dtype, attrs: { to: { dtype } } });
}

/** Whole numbers as a tensor [n]. */
export const int64 = (values: readonly number[]): Ids => constant("int64", [values.length], toData("int64", values));

/** Sizes as a tensor: computed when the graph runs, from the shapes of its inputs. */
export const dims = (shape: Shape): Ids =>
  shape.every((d) => typeof d === "number") ? int64(shape) : { ...leaf("dims", [shape.length], "int64"), sizes: shape };

// ---- shapes ---------------------------------------------------------------------------------

type Names<S extends string> = S extends `${infer _} ${infer Rest}` ? [Dim, ...Names<Rest>] : [Dim];

/** `const [B, T, C] = sizes(x, "B T C")`: destructure a shape, checking its rank. */
export function sizes<const S extends string>(x: Tensor, names: S): Names<S> {
  const want = names.split(" ");
  if (want.length !== x.shape.length)
    throw shapeError("sizes", `expected rank ${want.length} (${names}), got ${show(x)}`);
  return [...x.shape] as Names<S>;
}

export const show = (x: Tensor): string => `${x.dtype}[${x.shape.join(", ")}]`;

export class ShapeError extends Error {
  override name = "ShapeError";
}
/** "matmul: cannot multiply …: 3 ≠ 4 (in h.1.mlp)". */
export const shapeError = (op: string, why: string): ShapeError => new ShapeError(located(op, why));
const located = (op: string, why: string) => `${op}: ${why}${scope() ? ` (in ${scope()})` : ""}`;

/** For a node's `needs`: a size that is known to be negative throws here, one with symbols is checked when they are known. */
export function need(op: string, size: Dim, otherwise: string): Need[] {
  if (typeof size === "string") return [{ size, otherwise: located(op, otherwise) }];
  if (size < 0) throw shapeError(op, otherwise);
  return [];
}

/** The engine crashes where some operators meet a tensor without numbers. */
export const notEmpty = (op: string, x: Tensor): Need[] =>
  x.shape.flatMap((d) => need(op, minus(d, 1), `${show(x)} is empty`));

/** NumPy broadcasting: align at the right; sizes must match or be 1. A symbol is never 1. */
export function broadcast(op: string, a: Tensor, b: Tensor): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, i) => {
    if (i - rank < -a.shape.length) return b.shape.at(i - rank)!;
    if (i - rank < -b.shape.length) return a.shape.at(i - rank)!;
    const m = a.shape.at(i - rank)!;
    const n = b.shape.at(i - rank)!;
    if (m !== n && m !== 1 && n !== 1)
      throw shapeError(op, `cannot broadcast ${show(a)} with ${show(b)}: ${m} ≠ ${n} at axis ${i - rank}`);
    return m === 1 ? n : m;
  });
}

/** x broadcasts up to `shape`, and `shape` is no larger for it. */
export function checkFits(op: string, x: Tensor, shape: Shape): void {
  if (!sameShape(broadcast(op, x, { ...x, shape }), shape))
    throw shapeError(op, `${show(x)} does not fit into [${shape.join(", ")}]`);
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** A negative axis counts from the end; one that is not there is refused. */
export function axisOf(op: string, x: Tensor, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (!(Number.isInteger(at) && at >= 0 && at < x.shape.length)) throw shapeError(op, `${show(x)} has no axis ${axis}`);
  return at;
}
