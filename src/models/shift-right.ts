/** What a decoder reads while it learns to write `labels`. */
import { concat, full, type Ids, less, minus, sizes, slice, where } from "../tensor/index.ts";

/** labels [B, T] → the tokens before each: the start token, then the labels but the last; −100 becomes padding. [B, T] */
export function shiftRight(labels: Ids, { start, pad }: { readonly start: number; readonly pad: number }): Ids {
  const [B, T] = sizes(labels, "B T");
  const before = concat([full([B, 1], start, "int64"), slice(labels, 1, 0, minus(T, 1))], 1);
  return where(less(before, 0), pad, before);
}
