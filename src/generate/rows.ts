/** Rows of a value: chosen, doubled, put together; the batch stands at any axis. */
import { count, type Value } from "../tensor/dtype.ts";

/** These rows along `axis`, in this order, some perhaps twice; the value itself where they are its own. */
export function pickRows<V extends Value>(x: V, axis: number, rows: readonly number[]): V {
  const size = x.dims[axis]!;
  if (rows.length === size && rows.every((row, i) => row === i)) return x;
  const dims = x.dims.with(axis, rows.length);
  const inner = count(x.dims.slice(axis + 1));
  const chosen = empty(x, count(dims));
  for (let outer = 0; outer < count(x.dims.slice(0, axis)); outer++)
    for (const [i, row] of rows.entries()) {
      const from = (outer * size + row) * inner;
      chosen.set(x.data.subarray(from, from + inner) as never, (outer * rows.length + i) * inner);
    }
  return { ...x, dims, data: chosen };
}

/** Values of single rows, one behind the other along `axis`. */
export function joinRows<V extends Value>(xs: readonly V[], axis: number): V {
  const [first] = xs as readonly [V, ...V[]];
  const inner = count(first.dims.slice(axis + 1));
  const joined = empty(first, first.data.length * xs.length);
  for (const [i, { data }] of xs.entries())
    for (let outer = 0; outer < count(first.dims.slice(0, axis)); outer++)
      joined.set(data.subarray(outer * inner, (outer + 1) * inner) as never, (outer * xs.length + i) * inner);
  return { ...first, dims: first.dims.with(axis, xs.length), data: joined };
}

const empty = ({ data }: Value, length: number) => new (data.constructor as Float32ArrayConstructor)(length);
