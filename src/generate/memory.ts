/**
 * What a decoder remembers: keys and values of the tokens so far, time first, so that the past is the front of a buffer
 * and a step writes its own behind it, where copying all of it at every step would cost more with every token.
 */
import type { CacheShape } from "../models/index.ts";
import type { Value } from "../tensor/tensor.ts";

export interface Memory {
  /** Each layer's keys, then its values: views [length, rows, heads, headSize]. */
  past(): Value<"float32">[];
  /** What a step has made, in the same order: [more, rows, heads, headSize]. */
  append(fresh: readonly Value<"float32">[]): void;
  /** Keep these rows, in this order, some perhaps twice. */
  reorder(rows: readonly number[]): void;
}

export function memory(rows: number, { layers, heads, headSize }: CacheShape): Memory {
  const rowSize = heads * headSize;
  let width = rows * rowSize;
  let [length, capacity] = [0, 0]; // in tokens
  let buffers = Array.from({ length: 2 * layers }, () => new Float32Array(0));
  return {
    past: () =>
      buffers.map((buffer) => ({
        dtype: "float32",
        dims: [length, width / rowSize, heads, headSize],
        data: buffer.subarray(0, length * width),
      })),
    append(fresh) {
      const more = fresh[0]?.dims[0] ?? 0;
      if (length + more > capacity) {
        capacity = Math.max(length + more, 2 * capacity);
        buffers = buffers.map((old) => {
          const larger = new Float32Array(capacity * width);
          larger.set(old);
          return larger;
        });
      }
      for (const [i, { data }] of fresh.entries()) buffers[i]!.set(data, length * width);
      length += more;
    },
    reorder(rows) {
      if (rows.length * rowSize === width && rows.every((row, i) => row === i)) return;
      const before = width;
      width = rows.length * rowSize;
      buffers = buffers.map((old) => {
        const chosen = new Float32Array(capacity * width);
        for (let t = 0; t < length; t++)
          for (const [i, row] of rows.entries()) {
            const from = t * before + row * rowSize;
            chosen.set(old.subarray(from, from + rowSize), t * width + i * rowSize);
          }
        return chosen;
      });
    },
  };
}
