/**
 * Convolutions over the axes after batch and channels, as PyTorch defines them. Three products are each other's
 * gradients: a convolution, its transpose, and the convolution of x by dy that is the weight's gradient (Dumoulin &
 * Visin 2016, arXiv:1603.07285). In float32 only: the engine has no other kernels.
 */
import { type Dim, divide, minus, plus, times } from "../dims.ts";
import { type Float, node, notEmpty, type Shape, shapeError, show } from "../tensor.ts";
import { slice } from "./pieces.ts";
import { sum } from "./reduce.ts";
import { permute, reshape } from "./shape.ts";
import {
  attributes,
  type Each,
  each,
  reach,
  type Steps,
  type Steps2d,
  type Walk,
  walk,
  walks2d,
  windows,
} from "./windows.ts";

interface Channels {
  /** Channels in so many groups, each with its own part of the weight. */
  readonly groups?: number;
  /** One number for each channel of the result: [O]. */
  readonly bias?: Float;
}

/** x [B, C, L], weight [O, C / groups, K] → [B, O, ⌊(L + padding − dilation (K − 1) − 1) / stride⌋ + 1]. */
export const conv1d = (x: Float, weight: Float, { groups = 1, bias, ...steps }: Steps & Channels = {}): Float =>
  convolve("conv1d", x, weight, { walks: [walk(steps)], groups, bias });

/** x [B, C, H, W], weight [O, C / groups, K, K'] → [B, O, H', W'], sizes as in `conv1d`. */
export const conv2d = (x: Float, weight: Float, { groups = 1, bias, ...steps }: Steps2d & Channels = {}): Float =>
  convolve("conv2d", x, weight, { walks: walks2d(steps), groups, bias });

/**
 * The transpose of `conv1d`: x [B, C, L], weight [C, O / groups, K] →
 * [B, O, (L − 1) stride − padding + dilation (K − 1) + 1 + outputPadding].
 */
export const convTranspose1d = (
  x: Float,
  weight: Float,
  { outputPadding = 0, groups = 1, bias, ...steps }: Steps & Channels & { readonly outputPadding?: number } = {},
): Float => transposed("convTranspose1d", x, weight, { walks: [walk(steps)], groups, bias, extra: [outputPadding] });

/** The transpose of `conv2d`: x [B, C, H, W], weight [C, O / groups, K, K'] → [B, O, H', W'], as `convTranspose1d`. */
export const convTranspose2d = (
  x: Float,
  weight: Float,
  {
    outputPadding = 0,
    groups = 1,
    bias,
    ...steps
  }: Steps2d & Channels & { readonly outputPadding?: Each<number> } = {},
): Float =>
  transposed("convTranspose2d", x, weight, { walks: walks2d(steps), groups, bias, extra: each(outputPadding) });

interface Spec {
  readonly walks: readonly Walk[];
  readonly groups: number;
  readonly bias?: Float | undefined;
}
type Channeled = readonly [Dim, Dim, ...Dim[]];

/** The convolution that `op` names in errors. */
export function convolve(op: string, x: Float, weight: Float, spec: Spec): Float {
  checkRanks(op, x, weight, spec);
  const [B, C, ...lengths] = x.shape as Channeled;
  const [O, part, ...kernel] = weight.shape as Channeled;
  checkChannels(op, x, weight, spec, { have: C, want: times(part, spec.groups), grouped: O, out: O });
  const { shape, needs } = windows(op, x, kernel, spec.walks);
  return node("Conv", [x, weight, ...(spec.bias ? [spec.bias] : [])], {
    shape: [B, O, ...shape],
    needs,
    attrs: { ...attributes(spec.walks), group: spec.groups },
    vjp: (dy) => [spread(dy, weight, spec, lengths), weightGradient(x, dy, spec, kernel), perChannel(dy)],
  });
}

function transposed(op: string, x: Float, weight: Float, spec: Spec & { readonly extra: readonly number[] }): Float {
  checkRanks(op, x, weight, spec);
  const [B, C, ...lengths] = x.shape as Channeled;
  const [want, part, ...kernel] = weight.shape as Channeled;
  const O = times(part, spec.groups);
  checkChannels(op, x, weight, spec, { have: C, want, grouped: C, out: O });
  const { walks, groups, extra } = spec;
  walks.forEach(({ stride }, i) => {
    if (extra[i]! >= stride)
      throw shapeError(op, `the output padding must be below the stride: ${extra[i]} ≥ ${stride}`);
  });
  return node("ConvTranspose", [x, weight, ...(spec.bias ? [spec.bias] : [])], {
    shape: [B, O, ...walks.map((w, i) => plus(spanned(lengths[i]!, kernel[i]!, w), extra[i]! - w.before - w.after))],
    needs: notEmpty(op, x),
    attrs: { ...attributes(walks), group: groups, output_padding: extra },
    vjp: (dy) => [
      cut(convolve(op, dy, weight, { walks, groups }), lengths),
      weightGradient(dy, x, spec, kernel),
      perChannel(dy),
    ],
  });
}

/** How many positions `count` windows of `size` entries span together. */
const spanned = (count: Dim, size: Dim, { stride, dilation }: Walk): Dim =>
  plus(times(minus(count, 1), stride), reach(size, dilation));

/** A convolution's dx: each entry of dy spread over the window it was made from, up to `lengths`. */
function spread(dy: Float, weight: Float, { walks, groups }: Spec, lengths: Shape): Float {
  // what the last window did not reach depends on the length: if that is not known, the most it can be, and a cut
  const fitted = walks.map((w, i) => {
    const rest = minus(plus(lengths[i]!, w.before + w.after), spanned(dy.shape[i + 2]!, weight.shape[i + 2]!, w));
    return typeof rest === "number" ? { w, extra: rest } : { w: { ...w, after: 0 }, extra: w.stride - 1 };
  });
  const spec = { walks: fitted.map(({ w }) => w), groups, extra: fitted.map(({ extra }) => extra) };
  return cut(transposed("grad", dy, weight, spec), lengths);
}

/** Σ over batch and positions of x, as a window saw it, times dy: x [B, C, ...], dy [B, O, ...] → [O, C / groups, ...kernel]. */
function weightGradient(x: Float, dy: Float, { walks, groups }: Spec, kernel: Shape): Float {
  const [B, C, ...lengths] = x.shape as Channeled;
  const part = divide(C, groups)!;
  const positions = lengths.map((_, i) => i);
  const byGroup = permute(reshape(x, [B, groups, part, ...lengths]), [2, 1, 0, ...positions.map((i) => i + 3)]);
  const swapped = permute(dy, [1, 0, ...positions.map((i) => i + 2)]); // [O, B, ...]
  const turned = walks.map((w) => ({ ...w, stride: w.dilation, dilation: w.stride }));
  const dw = convolve("grad", reshape(byGroup, [part, times(groups, B), ...lengths]), swapped, {
    walks: turned,
    groups,
  });
  return permute(cut(dw, kernel), [1, 0, ...positions.map((i) => i + 2)]);
}

/** The first entries along the axes after batch and channels. */
const cut = (x: Float, lengths: Shape): Float => lengths.reduce<Float>((y, n, i) => slice(y, i + 2, 0, n), x);

const perChannel = (dy: Float): Float => sum(dy, [0, ...dy.shape.slice(2).map((_, i) => i + 2)]);

function checkRanks(op: string, x: Float, weight: Float, { walks, groups }: Spec): void {
  const rank = walks.length + 2;
  for (const t of [x, weight])
    if (t.shape.length !== rank) throw shapeError(op, `x and weight are of rank ${rank}, got ${show(t)}`);
  if (!(Number.isInteger(groups) && groups > 0)) throw shapeError(op, `cannot make ${groups} groups`);
}

interface Sizes {
  /** Channels of x, and how many the weight takes. */
  readonly have: Dim;
  readonly want: Dim;
  /** Those that the groups share out. */
  readonly grouped: Dim;
  readonly out: Dim;
}
function checkChannels(
  op: string,
  x: Float,
  weight: Float,
  { groups, bias }: Spec,
  { have, want, grouped, out }: Sizes,
) {
  const how = `${show(x)} by ${show(weight)}${groups === 1 ? "" : ` in ${groups} groups`}`;
  if (have !== want) throw shapeError(op, `cannot convolve ${how}: ${have} ≠ ${want} channels`);
  if (divide(grouped, groups) === undefined)
    throw shapeError(op, `cannot convolve ${how}: ${groups} does not divide ${grouped} channels`);
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== out))
    throw shapeError(op, `the bias must be [${out}], got ${show(bias)}`);
}
