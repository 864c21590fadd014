/**
 * An elementwise graph as one WebAssembly SIMD loop over memory: how an optimizer's rule runs in place.
 * Nothing here knows AdamW: `fuse` reads the nodes that the pure rule made, so the rule stays the only definition.
 * A kernel is plain data, bytes and a list, so that it can cross to a worker.
 */
import { topologicalOrder } from "../tensor/grad.ts";
import type { Float, Tensor } from "../tensor/tensor.ts";
import { type Scalar, scalarOps } from "./scalars.ts";
import * as simd from "./simd.ts";
import { type Memory, type Module, WebAssembly } from "./webassembly.ts";

export interface Kernel {
  readonly code: Uint8Array;
  /** Which arrays the code takes, as byte offsets, in order; after them the length of each in bytes. */
  readonly arrays: readonly string[];
  /** What to compute, in double precision, before the loop … */
  readonly scalars: readonly Scalar[];
  /** … and which of them the code takes, after the length. */
  readonly passed: readonly number[];
}

interface Elementwise {
  /** All float32 and of one shape. */
  readonly arrays: Readonly<Record<string, Float>>;
  /** Fed at every call. */
  readonly scalars: Readonly<Record<string, Float>>;
  /** What overwrites the arrays of these names. */
  readonly outputs: Readonly<Record<string, Float>>;
}

/**
 * The loop that computes `outputs`; undefined where something in the graph is not elementwise over float32 arrays and
 * scalars, or is an operator that neither the loop nor the arithmetic before it has.
 */
export function fuse({ arrays, scalars: fed, outputs }: Elementwise): Kernel | undefined {
  const shape = Object.values(arrays)[0]!.shape;
  const isVector = (x: Tensor) => String(x.shape) === String(shape) && x.shape.length === shape.length;
  const vectors = new Set<Tensor>(Object.values(arrays)); // four numbers of each at a time, in the loop
  const scalarOf = new Map<Tensor, number>(); // computed once, before it
  const scalars: Scalar[] = [];
  const steps: Step[] = [];
  const addScalar = (x: Tensor, scalar: Scalar) => scalarOf.set(x, scalars.push(scalar) - 1);

  for (const [name, x] of Object.entries(fed)) addScalar(x, { input: name });
  const given = { has: (x: Tensor) => vectors.has(x) || scalarOf.has(x) };
  for (const y of topologicalOrder(Object.values(outputs), given)) {
    if (given.has(y)) continue;
    const args = y.inputs.map((x) => scalarOf.get(x) ?? x);
    if (y.domain !== "" || !(y.dtype === "float32" || y.dtype === "bool")) return undefined;
    const from = y.inputs[0]?.dtype;
    if ((y.op === "Cast" && from !== "bool") || (y.op === "Equal" && from === "bool")) return undefined;
    if (y.value && y.shape.length === 0) addScalar(y, { value: Number(y.value[0]) });
    else if (args.length > 0 && args.every((x) => typeof x === "number")) {
      if (!Object.hasOwn(scalarOps, y.op) || y.shape.length > 0) return undefined;
      addScalar(y, { op: y.op, args });
    } else {
      if (!Object.hasOwn(simd.f32x4, y.op) || !isVector(y)) return undefined;
      const [x, divisor] = args;
      const isProduct = y.op === "Div" && typeof divisor === "number"; // several times faster
      const inverse = () => scalars.push({ op: "Reciprocal", args: [divisor as number] }) - 1;
      steps.push(isProduct ? { y, op: "Mul", args: [x!, inverse()] } : { y, op: y.op, args });
      vectors.add(y);
    }
  }
  const masks = new Set([...scalarOf].filter(([x]) => x.dtype === "bool").map(([, i]) => i));
  if (!Object.values(outputs).every((y) => vectors.has(y))) return undefined;
  return assemble({ arrays, scalars, outputs, steps, masks });
}

/** One node of the loop; its arguments are vectors, or scalars by their number. */
interface Step {
  readonly y: Tensor;
  readonly op: string;
  readonly args: readonly (Tensor | number)[];
}

interface Loop extends Omit<Elementwise, "scalars"> {
  readonly scalars: readonly Scalar[];
  readonly steps: readonly Step[];
  /** The scalars that are booleans. */
  readonly masks: ReadonlySet<number>;
}

/** Parameters of the code: byte offsets, the length, scalars. Its locals: the position, a vector for each scalar, array and step. */
function assemble({ arrays, scalars, outputs, steps, masks }: Loop): Kernel {
  const names = Object.keys(arrays);
  const passed = [...new Set(steps.flatMap(({ args }) => args.filter((x) => typeof x === "number")))];
  const length = names.length;
  const [i, part] = [length + 1 + passed.length, length + 2 + passed.length];
  const vectors = [...passed, ...Object.values(arrays), ...steps.map(({ y }) => y)];
  const local = new Map<Tensor | number, number>(vectors.map((x, k) => [x, part + 1 + k]));
  const read = (x: Tensor | number) => simd.get(local.get(x)!);
  const start = (name: string) => simd.get(names.indexOf(name));
  const spread = (s: number, k: number) => {
    const four = simd.splat(simd.get(length + 1 + k));
    return simd.set(local.get(s)!, masks.has(s) ? simd.isNotZero(four) : four);
  };
  const body = [
    ...passed.flatMap(spread),
    ...simd.everyFourFloats({ length, i, part }, (at) => [
      ...Object.entries(arrays).flatMap(([name, x]) =>
        simd.set(local.get(x)!, simd.load(simd.i32Add(start(name), at))),
      ),
      ...steps.flatMap(({ y, op, args }) => simd.set(local.get(y)!, simd.f32x4[op]!(...args.map(read)))),
      ...Object.entries(outputs).flatMap(([name, y]) => simd.store(simd.i32Add(start(name), at), read(y))),
    ]),
  ];
  const types = (n: number, type: number) => Array<number>(n).fill(type);
  const params = [...types(length + 1, simd.I32), ...types(passed.length, simd.F32)];
  const code = simd.module(params, [simd.I32, simd.I32, ...types(local.size, simd.V128)], [], body);
  return { code, arrays: names, scalars, passed };
}

/** Σ x² over `length` bytes at an offset, in double precision: the code of a function (offset, length) → number. */
export function sumOfSquares(): Uint8Array {
  const [offset, length, i, part, x] = [0, 1, 2, 3, 4];
  const sums = Array.from({ length: simd.PLACES }, (_, place) => x + 1 + place);
  const square = (half: simd.Code) => simd.f64x2.mul(half, half);
  const low = simd.f64x2.promoteLow(simd.get(x));
  const high = simd.f64x2.promoteLow(simd.high(simd.get(x)));
  const body = [
    ...simd.everyFourFloats({ length, i, part }, (at, place) => [
      ...simd.set(x, simd.load(simd.i32Add(simd.get(offset), at))),
      ...simd.set(sums[place]!, simd.f64x2.add(simd.get(sums[place]!), simd.f64x2.add(square(low), square(high)))),
    ]),
    ...sums
      .map((sum) => simd.f64Add(simd.f64x2.lane(simd.get(sum), 0), simd.f64x2.lane(simd.get(sum), 1)))
      .reduce(simd.f64Add),
  ];
  const vectors = [x, ...sums].map(() => simd.V128);
  return simd.module([simd.I32, simd.I32], [simd.I32, simd.I32, ...vectors], [simd.F64], body);
}

export type Run = (...args: number[]) => number;

/** A kernel's function over one memory. */
export const instantiate = (code: Uint8Array, memory: Memory): Run => bind(new WebAssembly.Module(code), memory);

/** A kernel's function over each of several. */
export function instantiateAll(code: Uint8Array, memories: readonly Memory[]): Map<Memory, Run> {
  const module = new WebAssembly.Module(code);
  return new Map(memories.map((memory) => [memory, bind(module, memory)]));
}

const bind = (module: Module, memory: Memory): Run =>
  new WebAssembly.Instance(module, { env: { memory } }).exports["run"] as Run;
