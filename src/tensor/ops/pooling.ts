/** Pooling over the axes after batch and channels, as PyTorch's. A window moves by its own size unless told otherwise. */
import { sizeOf } from "../dims.ts";
import { constant, type Float, item, several, shapeError, show } from "../tensor.ts";
import { convolve } from "./convolution.ts";
import { zeros } from "./fill.ts";
import { addAlong } from "./gather.ts";
import { reshape } from "./shape.ts";
import { attributes, type Each, each, type Steps, type Steps2d, type Walk, walk, walks2d, windows } from "./windows.ts";

/** The largest of each window: x [B, C, L] → [B, C, L']. The first of those that are equal has the gradient. */
export const maxPool1d = (x: Float, window: number, { stride = window, ...steps }: Steps = {}): Float =>
  maxPool("maxPool1d", x, [window], [walk({ stride, ...steps })]);

/** The largest of each window: x [B, C, H, W] → [B, C, H', W']. The first of those that are equal has the gradient. */
export const maxPool2d = (x: Float, window: Each<number>, { stride = window, ...steps }: Steps2d = {}): Float =>
  maxPool("maxPool2d", x, each(window), walks2d({ stride, ...steps }));

function maxPool(op: string, x: Float, window: readonly number[], walks: readonly Walk[]): Float {
  checkRank(op, x, window);
  walks.forEach(({ before, after }, i) => {
    if (Math.max(before, after) >= window[i]!)
      throw shapeError(
        op,
        `with ${Math.max(before, after)} of padding, a window of ${window[i]} of ${show(x)} is empty`,
      );
  });
  const { shape: lengths, needs } = windows(op, x, window, walks);
  const tuple = several("MaxPool", [x], {
    needs,
    attrs: { kernel_shape: window, ...attributes(walks) },
    results: { count: 2, required: 1 },
    itemsVjp(dys) {
      const dy = dys.get(y)!;
      const flat = reshape(dy, [sizeOf(dy.shape)]);
      const at = reshape(where, [sizeOf(dy.shape)]);
      return [reshape(addAlong(zeros([sizeOf(x.shape)], dy.dtype), at, flat, 0), x.shape)];
    },
  });
  const shape = [...x.shape.slice(0, 2), ...lengths];
  const y = item(tuple, 0, shape, x.dtype);
  const where = item(tuple, 1, shape, "int64"); // counted through all of x
  return y;
}

type Averaged<S> = Omit<S, "dilation">;

/** The mean of each window, zeros of the padding included: x [B, C, L] → [B, C, L']. In float32, as a convolution. */
export const averagePool1d = (x: Float, window: number, { stride = window, ...steps }: Averaged<Steps> = {}): Float =>
  averagePool("averagePool1d", x, [window], [walk({ stride, ...steps })]);

/** The mean of each window, zeros of the padding included: x [B, C, H, W] → [B, C, H', W']. In float32. */
export const averagePool2d = (
  x: Float,
  window: Each<number>,
  { stride = window, ...steps }: Averaged<Steps2d> = {},
): Float => averagePool("averagePool2d", x, each(window), walks2d({ stride, ...steps }));

/** A convolution of each channel by itself with a window of equal weights. */
function averagePool(op: string, x: Float, window: readonly number[], walks: readonly Walk[]): Float {
  checkRank(op, x, window);
  const n = window.reduce((a, b) => a * b);
  const weight = constant("float32", [1, 1, ...window], new Float32Array(n).fill(1 / n));
  const channels = reshape(x, [sizeOf(x.shape.slice(0, 2)), 1, ...x.shape.slice(2)]);
  const means = convolve(op, channels, weight, { walks, groups: 1 });
  return reshape(means, [...x.shape.slice(0, 2), ...means.shape.slice(2)]);
}

function checkRank(op: string, x: Float, window: readonly number[]): void {
  if (x.shape.length !== window.length + 2) throw shapeError(op, `expected rank ${window.length + 2}, got ${show(x)}`);
}
