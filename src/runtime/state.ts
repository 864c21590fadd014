/**
 * The numbers of a training run: each parameter with its optimizer slots and its gradient, as views over a few
 * WebAssembly memories. The engine reads parameters and writes gradients in place, and a kernel updates them there.
 *
 * A memory is made at its final size, because growing one detaches every view. It holds at most 4 GiB, so a model may
 * need several; a parameter and its slots lie in one, because a kernel sees only one.
 */
import { count, type Value } from "../tensor/dtype.ts";
import { LOOP_BYTES } from "./simd.ts";
import { type Memory, WebAssembly } from "./webassembly.ts";

export interface StateParameter {
  readonly name: string;
  readonly dims: readonly number[];
  /** The arrays that it has: "weight", its rule's slots, "grad"; a frozen one has only its weight. */
  readonly arrays: readonly string[];
}

/** One array of one parameter: a view, and where it begins in its memory, in bytes. */
export interface Slice extends Value<"float32"> {
  readonly offset: number;
}

export interface Row {
  readonly name: string;
  readonly memory: Memory;
  /** By array. */
  readonly slices: Readonly<Record<string, Slice>>;
  /** Bytes of one slice, up to the next multiple of LOOP_BYTES; a kernel runs over what is beyond its numbers too. */
  readonly bytes: number;
}

export interface State extends Disposable {
  readonly memories: readonly Memory[];
  readonly rows: readonly Row[];
  /** One array of every parameter that has it, by parameter name. */
  array(name: string): Map<string, Slice>;
  /** Lets go of the memories: one is freed when the last view of it is gone. */
  close(): void;
}

/** The first bytes of every memory are no one's: numbers from outside pass through them on their way into a kernel. */
export const SCRATCH = 16_384;

/** Between arrays of whole pages: places that are a multiple of 4096 bytes apart share a few lines of a core's cache. */
const APART = 17 * LOOP_BYTES;

const PAGE = 65536;
const align = (n: number, to: number) => Math.ceil(n / to) * to;

/**
 * Memory for these parameters, all zero. `maxBytes` is the most in one memory, 4 GiB unless given.
 * Throws a RangeError that names the parameter if one alone does not fit, or the size that the machine does not give;
 * whatever is asked of a closed state throws too.
 */
export function createState(parameters: readonly StateParameter[], { maxBytes = PAGE * PAGE } = {}): State {
  const ends = [SCRATCH]; // bytes taken in each memory
  const placed = parameters.map(({ name, dims, arrays }) => {
    const bytes = align(Math.max(1, count(dims)) * 4, LOOP_BYTES);
    const stride = bytes % 4096 === 0 ? bytes + APART : bytes;
    const needed = stride * (arrays.length - 1) + bytes;
    if (needed > maxBytes - SCRATCH)
      throw new RangeError(
        `state: ${name} [${dims.join(", ")}] needs ${needed} bytes for ${arrays.join(", ")}; one memory holds ${maxBytes - SCRATCH}`,
      );
    if (ends.at(-1)! + needed > maxBytes) ends.push(SCRATCH);
    const offset = ends.at(-1)!;
    ends[ends.length - 1] = offset + needed;
    return { name, dims, arrays, memory: ends.length - 1, offset, bytes, stride };
  });
  const memories = ends.map((end) => memoryOf(end, ends));
  const rows = placed.map(({ name, dims, arrays, memory, offset, bytes, stride }): Row => {
    const { buffer } = memories[memory]!;
    const slices = arrays.map((array, k): [string, Slice] => {
      const start = offset + k * stride;
      return [array, { dtype: "float32", dims, offset: start, data: new Float32Array(buffer, start, count(dims)) }];
    });
    return { name, bytes, memory: memories[memory]!, slices: Object.fromEntries(slices) };
  });

  let open: { readonly memories: readonly Memory[]; readonly rows: readonly Row[] } | undefined;
  open = { memories, rows };
  const owned = () => {
    if (open) return open;
    throw new Error("state: it is closed");
  };
  const close = () => {
    open = undefined;
  };
  return {
    close,
    [Symbol.dispose]: close,
    get memories() {
      return owned().memories;
    },
    get rows() {
      return owned().rows;
    },
    array: (name) =>
      new Map(owned().rows.flatMap((row) => (row.slices[name] ? [[row.name, row.slices[name]] as const] : []))),
  };
}

function memoryOf(bytes: number, all: readonly number[]): Memory {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    const total = all.reduce((a, b) => a + b, 0);
    throw new RangeError(
      `state: the machine does not give ${bytes} bytes of the ${total} that parameters, gradients and slots need; ` +
        "train a smaller model, or freeze more of it",
      { cause },
    );
  }
}
