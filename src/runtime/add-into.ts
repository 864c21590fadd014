/** Numbers from outside added to an array of a state: how the gradients of several batches become one. */
import { add } from "../tensor/ops/index.ts";
import { input } from "../tensor/tensor.ts";
import { fuse, instantiateAll } from "./kernel.ts";
import { LOOP_BYTES } from "./simd.ts";
import { type Row, SCRATCH, type State } from "./state.ts";

/** array += x, for one array of one row of this state; `x` is as long as the array. Piece by piece, through the scratch bytes. */
export type AddInto = (row: Row, array: string, x: Float32Array) => void;

const PIECE = SCRATCH / 4;

export function openAddInto({ memories }: State): AddInto {
  const [sum, x] = [input([PIECE]), input([PIECE])];
  const { code } = fuse({ arrays: { sum, x }, scalars: {}, outputs: { sum: add(sum, x) } })!;
  const runs = instantiateAll(code, memories);
  const scratch = new Map(memories.map((memory) => [memory, new Float32Array(memory.buffer, 0, PIECE)]));
  return ({ memory, slices }, array, x) => {
    const piece = scratch.get(memory)!;
    for (let i = 0; i < x.length; i += PIECE) {
      const part = x.subarray(i, i + PIECE);
      piece.set(part);
      piece.fill(0, part.length); // a loop goes on to the next multiple of LOOP_BYTES
      runs.get(memory)!(slices[array]!.offset + 4 * i, 0, LOOP_BYTES * Math.ceil((4 * part.length) / LOOP_BYTES));
    }
  };
}
