/**
 * A graph of tensors becomes an ONNX model: bytes, and a signature of what it takes and gives. Nothing here knows an
 * operator; a node carries all that is written. Value and node names carry the layer's path, so that the engine's errors,
 * profiles and Netron speak of "transformer.h.3.attn". Internal names begin with ":", which no input or output may.
 */
import type { Dim } from "../tensor/dims.ts";
import { seed } from "../tensor/ops/random.ts";
import type { Data, DType, Need, Tensor } from "../tensor/tensor.ts";
import { encodeModel } from "./encode.ts";
import { fuseProducts } from "./fuse-products.ts";
import { int8Products } from "./int8.ts";
import {
  describe,
  identity,
  type Lowering,
  lower,
  needed,
  newGraph,
  storeConstant,
  uniqueNames,
} from "./lower-nodes.ts";
import { sizesOf } from "./lower-sizes.ts";
import type { OnnxGraph } from "./model.ts";

/** What a graph takes or gives under one name; a size that is a word is free, but one in every place it appears. */
export interface Signature {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly Dim[];
}
/** A graph as plain data: it can cross to a worker. */
export interface OnnxProgram {
  readonly bytes: Uint8Array;
  readonly inputs: readonly Signature[];
  readonly outputs: readonly Signature[];
  /** What must hold of the named sizes, to be checked when they are known. */
  readonly needs: readonly Need[];
}

export type Named = Readonly<Record<string, Tensor>>;

interface Options {
  /** Tensors among the graph's leaves that become part of the file, with their numbers: weights, for serving. */
  readonly initializers?: ReadonlyMap<Tensor, Data>;
  /** "evaluation" leaves dropout out. */
  readonly mode?: "train" | "evaluation";
  /** "int8": matrix products of 8-bit numbers for linear layers, forwards and backwards (see `int8.ts`). */
  readonly precision?: Precision;
}
export type Precision = "float32" | "int8";

/** The operator sets that everything here is written in. */
const OPSETS = { "": 20, "com.microsoft": 1 } as const;
const IR_VERSION = 9;
/** The input that random nodes read: one uint32, different at every step. In a program's inputs only if it is needed. */
export const SEED = ":seed";

export function toOnnx(
  inputs: Named,
  outputs: Named,
  { initializers = new Map(), mode = "train", precision = "float32" }: Options = {},
): OnnxProgram {
  checkNames(inputs, outputs);
  const inMode = (x: Tensor): Tensor => (mode === "evaluation" && x.evaluation ? inMode(x.evaluation) : x);
  const precise = precision === "int8" ? int8Products(Object.values(outputs), inMode) : inMode;
  const actual = fuseProducts(Object.values(outputs), precise, initializers.keys());
  const results = Object.entries(outputs).map(([name, x]) => [name, actual(x)] as const);
  const ends = results.map(([, x]) => x);
  const order = needed(ends, { has: (x) => initializers.has(x) }, actual);

  const fed = Object.entries(inputs);
  if (order.includes(seed)) fed.push([SEED, seed]);
  const writer = newGraph();
  const names = new Map<Tensor, string>(fed.map(([name, x]) => [x, name]));
  const givenName = new Map<Tensor, string>();
  for (const [name, x] of results)
    if (!names.has(x) && !initializers.has(x) && x.op !== "const" && !givenName.has(x)) givenName.set(x, name);

  const lowering: Lowering = {
    root: writer,
    names,
    actual,
    size: sizesOf(writer, fed),
    unique: uniqueNames(),
    givenName,
    needs: new Map(),
  };
  const used = new Set(order);
  for (const [x, data] of initializers) if (used.has(x)) names.set(x, storeConstant(lowering, x, data));
  lower(lowering, writer, order);
  for (const [name, x] of results)
    if (givenName.get(x) !== name) writer.nodes.push(identity(lowering, names.get(x)!, name, x.scope));

  const signature = (entries: readonly (readonly [string, Tensor])[]): Signature[] =>
    entries.map(([name, { dtype, shape }]) => ({ name, dtype, dims: shape }));
  const graph: OnnxGraph = {
    name: "trainformer",
    ...writer,
    inputs: fed.map(([name, x]) => describe(name, x)),
    outputs: results.map(([name, x]) => describe(name, x)),
  };
  const bytes = encodeModel({ irVersion: IR_VERSION, opsets: OPSETS, producer: "trainformer", graph });
  return { bytes, inputs: signature(fed), outputs: signature(results), needs: [...lowering.needs.values()] };
}

function checkNames(inputs: Named, outputs: Named): void {
  for (const name of [...Object.keys(inputs), ...Object.keys(outputs)])
    if (name.startsWith(":") || name === "")
      throw new Error(`program: "${name}" cannot name an input or output: it is empty or begins with ":"`);
  for (const name of Object.keys(outputs))
    if (Object.hasOwn(inputs, name)) throw new Error(`program: "${name}" names both an input and an output`);
  const first = new Map<Tensor, string>();
  for (const [name, x] of Object.entries(inputs)) {
    if (first.has(x)) throw new Error(`program: inputs "${first.get(x)}" and "${name}" are the same tensor`);
    first.set(x, name);
  }
}
