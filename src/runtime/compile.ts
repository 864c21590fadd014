/** A graph in and a function out: what most callers want, with inputs and outputs nested as they like. */
import { type OnnxProgram, type Precision, SEED, toOnnx } from "../onnx/lower.ts";
import type { Data, Tensor, Value } from "../tensor/tensor.ts";
import { openProgram, type ProgramOptions } from "./program.ts";

/** Tensors in plain objects and arrays: { params: { "wte.weight": … }, batch: { ids }, lr }. */
export interface Tree {
  readonly [key: string]: Tensor | readonly Tensor[] | Tree;
}
/** The same tree with numbers where the graph had nodes. */
export type ValuesOf<T> = T extends Tensor<infer D> ? Value<D> : { -readonly [K in keyof T]: ValuesOf<T[K]> };

export interface Compiled<In, Out> extends AsyncDisposable {
  /** `seed`: of the random numbers it draws, a whole number below 2³². */
  (values: ValuesOf<In>, options?: { readonly seed?: number }): Promise<ValuesOf<Out>>;
  readonly program: OnnxProgram;
  close(): Promise<void>;
}

interface CompileOptions extends ProgramOptions {
  readonly initializers?: ReadonlyMap<Tensor, Data>;
  readonly mode?: "train" | "evaluation";
  readonly precision?: Precision;
}

/** Lower a graph and open it. Names are paths: "params/wte.weight". */
export async function compile<In extends Tree, Out extends Tree>(
  inputs: In,
  outputs: Out,
  options: CompileOptions = {},
): Promise<Compiled<In, Out>> {
  const onnx = toOnnx(named("inputs", inputs), named("outputs", outputs), options);
  const program = await openProgram(onnx, options);
  const random = onnx.inputs.some(({ name }) => name === SEED);
  const run = async (values: ValuesOf<In>, { seed = 0 } = {}) => {
    const feeds = Object.fromEntries(leaves(values as Tree)) as unknown as Record<string, Value>;
    if (random) feeds[SEED] = { dtype: "uint32", dims: [], data: Uint32Array.of(seed) };
    const fetched = await program.run(feeds);
    return fill(outputs, (path) => fetched[path]) as ValuesOf<Out>;
  };
  return Object.assign(run, { program: onnx, close: program.close, [Symbol.asyncDispose]: program.close });
}

const isLeaf = (x: object): x is Tensor => "dtype" in x;

const leaves = (tree: Tree, path = ""): [string, Tensor][] =>
  Object.entries(tree).flatMap(([key, x]) =>
    isLeaf(x) ? [[path + key, x] as [string, Tensor]] : leaves(x as Tree, `${path}${key}/`),
  );

/** The leaves by name: { a: { b } } and { "a/b" } are one name. */
function named(kind: string, tree: Tree): Readonly<Record<string, Tensor>> {
  const all = leaves(tree);
  const names = new Set<string>();
  for (const [name] of all)
    if (names.has(name)) throw new Error(`program: two ${kind} are named "${name}"`);
    else names.add(name);
  return Object.fromEntries(all);
}

function fill(tree: Tree, value: (path: string) => unknown, path = ""): unknown {
  const filled = Object.entries(tree).map(([key, x]) => [
    key,
    isLeaf(x) ? value(path + key) : fill(x as Tree, value, `${path}${key}/`),
  ]);
  return Array.isArray(tree) ? filled.map(([, x]) => x) : Object.fromEntries(filled);
}
