/** How the window of a convolution or a pooling walks along the axes after batch and channels. */
import { type Dim, floorDiv, minus, plus, times } from "../dims.ts";
import { need, notEmpty, type Shape, shapeError, show, type Tensor } from "../tensor.ts";

/** What is added at each end of an axis: the same at both, or [before, after]. */
export type Padding = number | readonly [before: number, after: number];
/** One setting for both axes, or [rows, columns]. */
export type Each<T> = T | readonly [rows: T, columns: T];

export interface Steps {
  /** How far the window moves. */
  readonly stride?: number | undefined;
  readonly padding?: Padding | undefined;
  /** How far apart the entries of a window are. */
  readonly dilation?: number | undefined;
}
/** `padding: [1, 2]` is 1 above and below and 2 left and right; `[[0, 1], [0, 1]]` is 1 below and 1 right. */
export interface Steps2d {
  readonly stride?: Each<number> | undefined;
  readonly padding?: Each<Padding> | undefined;
  readonly dilation?: Each<number> | undefined;
}

/** The walk along one axis. */
export interface Walk {
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

export function walk({ stride = 1, padding = 0, dilation = 1 }: Steps): Walk {
  const [before, after] = typeof padding === "number" ? [padding, padding] : padding;
  return { stride, dilation, before, after };
}

export function walks2d({ stride = 1, padding = 0, dilation = 1 }: Steps2d): Walk[] {
  const [s, p, d] = [each(stride), each(padding), each(dilation)];
  return [0, 1].map((i) => walk({ stride: s[i], padding: p[i], dilation: d[i] }));
}

export const each = <T>(x: Each<T>): readonly [T, T] => (isPair(x) ? x : [x, x]);
const isPair = <T>(x: Each<T>): x is readonly [rows: T, columns: T] => Array.isArray(x);

/** How many positions a window of `size` entries spans. */
export const reach = (size: Dim, dilation: number): Dim => plus(times(minus(size, 1), dilation), 1);

/** How many windows of each size fit along the axes of x [B, C, ...]; at least one must. */
export function windows(op: string, x: Tensor, sizes: Shape, walks: readonly Walk[]) {
  const needs = notEmpty(op, x);
  const shape = walks.map((walk, i) => {
    checkWalk(op, walk);
    const span = reach(sizes[i]!, walk.dilation);
    const length = plus(x.shape[i + 2]!, walk.before + walk.after);
    const room = minus(length, span);
    const none = `no window fits into ${show(x)}: ${span} > ${length}, with padding, at axis ${i + 2}`;
    needs.push(...need(op, room, none));
    return plus(floorDiv(room, walk.stride), 1);
  });
  return { shape, needs };
}

function checkWalk(op: string, { stride, dilation, before, after }: Walk): void {
  const check = (what: string, n: number, least: number) => {
    if (!(Number.isInteger(n) && n >= least))
      throw shapeError(op, `the ${what} must be a whole number from ${least}, got ${n}`);
  };
  check("stride", stride, 1);
  check("dilation", dilation, 1);
  check("padding", before, 0);
  check("padding", after, 0);
}

/** The attributes of ONNX's operators. */
export const attributes = (walks: readonly Walk[]) => ({
  strides: walks.map(({ stride }) => stride),
  dilations: walks.map(({ dilation }) => dilation),
  pads: [...walks.map(({ before }) => before), ...walks.map(({ after }) => after)],
});
