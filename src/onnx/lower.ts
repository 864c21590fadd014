/**
 * A graph of tensors becomes an ONNX model: bytes, and a signature of what it takes and gives. Nothing here knows an
 * operator; a node carries all that is written. Value and node names carry the layer's path, so that the engine's errors,
 * profiles and Netron speak of "transformer.h.3.attn". Internal names begin with ":", which no input or output may.
 */
import { compute, type Dim } from "../tensor/dims.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { seed } from "../tensor/ops/random.ts";
import type { Attr, Data, DType, Need, Tensor } from "../tensor/tensor.ts";
import { encodeModel } from "./encode.ts";
import { typeCode } from "./fields.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";

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
}

/** The operator sets that everything here is written in. */
const OPSETS = { "": 20, "com.microsoft": 1 } as const;
const IR_VERSION = 9;
/** The input that random nodes read: one uint32, different at every step. In a program's inputs only if it is needed. */
export const SEED = ":seed";

export function toOnnx(
  inputs: Named,
  outputs: Named,
  { initializers = new Map(), mode = "train" }: Options = {},
): OnnxProgram {
  checkNames(inputs, outputs);
  const actual = (x: Tensor): Tensor => (mode === "evaluation" && x.evaluation ? actual(x.evaluation) : x);
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
  for (const [x, data] of initializers) names.set(x, storeConstant(lowering, x, data));
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
    if (name in inputs) throw new Error(`program: "${name}" names both an input and an output`);
  const first = new Map<Tensor, string>();
  for (const [name, x] of Object.entries(inputs)) {
    if (first.has(x)) throw new Error(`program: inputs "${first.get(x)}" and "${name}" are the same tensor`);
    first.set(x, name);
  }
}

const describe = (name: string, { dtype, shape }: Tensor): OnnxValue => ({ name, type: dtype, dims: shape });

/** Every node that `ends` depend on as they are lowered: not what only an unread or left out part of a scan captured. */
function needed(ends: readonly Tensor[], until: { has(x: Tensor): boolean }, actual: Lowering["actual"]): Tensor[] {
  const items = itemsIn(topologicalOrder(ends, until, (x) => x.inputs.map(actual)));
  const inputs = (x: Tensor) => (x.body ? scanInputs(x, items.get(x) ?? [], actual) : x.inputs);
  return topologicalOrder(ends, until, (x) => inputs(x).map(actual));
}

function scanInputs(x: Tensor, items: readonly Tensor[], actual: Lowering["actual"]): Tensor[] {
  const { before, after, slices } = x.body!;
  const fed = before.length + slices.length;
  const captured = x.inputs.slice(fed).map(actual);
  const ends = [...after, ...items.flatMap(({ which }) => (typeof which === "object" ? [which] : []))].map(actual);
  const used = new Set(needed(ends, new Set([...before, ...slices, ...captured]), actual));
  return [...x.inputs.slice(0, fed), ...captured.filter((c) => used.has(c))];
}

/** The results that are read of each node with several. */
function itemsIn(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const items = new Map<Tensor, Tensor[]>();
  for (const x of order) if (x.op === "item") items.set(x.inputs[0]!, [...(items.get(x.inputs[0]!) ?? []), x]);
  return items;
}

// ---- sizes ------------------------------------------------------------------------------------

/** Sizes as int64 [1] values of the outermost graph, each computed once, from the shapes of its inputs. */
function sizesOf(to: Writer, inputs: readonly (readonly [string, Tensor])[]): (d: Dim) => string {
  const made = new Map<Dim, string>();
  const emit = (op: string, ins: readonly string[], attributes: OnnxNode["attributes"] = {}): string => {
    const name = `:size/${made.size}.${to.nodes.length}`;
    to.nodes.push({ name, op, domain: "", inputs: ins, outputs: [name], attributes });
    return name;
  };
  const symbol = (s: string) => {
    const [name, x] = inputs.find(([, x]) => x.shape.includes(s)) ?? [];
    if (name === undefined || !x) throw new Error(`program: no input has the size "${s}"`);
    const axis = x.shape.indexOf(s);
    return emit("Shape", [name], { start: { int: axis }, end: { int: axis + 1 } });
  };
  const number = (n: number) => {
    const name = `:size/${n}`;
    to.initializers.push({ name, type: "int64", dims: [1], data: bytesOf(BigInt64Array.of(BigInt(n))) });
    return name;
  };
  const value = (d: Dim): string => {
    const known =
      made.get(d) ??
      (typeof d === "number"
        ? number(d)
        : /^\w+$/.test(d)
          ? symbol(d)
          : compute(d, {
              number: value,
              symbol: value,
              add: (a, b) => emit("Add", [a, b]),
              mul: (a, b) => emit("Mul", [a, b]),
              floorDiv: (a, b) => emit("Div", [a, b]),
            }));
    made.set(d, known);
    return known;
  };
  return value;
}

// ---- nodes ------------------------------------------------------------------------------------

interface Writer {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
}
const newGraph = (): Writer => ({ nodes: [], initializers: [] });

interface Lowering {
  /** The outermost graph: constants and sizes are written there and read by name from inside a scan. */
  readonly root: Writer;
  readonly names: Map<Tensor, string>;
  readonly actual: (x: Tensor) => Tensor;
  readonly size: (d: Dim) => string;
  readonly unique: (scope: string, op: string) => string;
  /** Values that are made under an output's own name. */
  readonly givenName: ReadonlyMap<Tensor, string>;
  /** By size: the first one that has it speaks for all. */
  readonly needs: Map<Dim, Need>;
}

/** ":h.3.attn/MatMul", and ":h.3.attn/MatMul.2" for the next one. */
function uniqueNames(): Lowering["unique"] {
  const used = new Map<string, number>();
  return (scope, op) => {
    const name = `:${scope ? `${scope}/` : ""}${op}`;
    const n = (used.get(name) ?? 0) + 1;
    used.set(name, n);
    return n === 1 ? name : `${name}.${n}`;
  };
}

function lower(to: Lowering, graph: Writer, order: readonly Tensor[]): void {
  const items = itemsIn(order);
  for (const x of order) {
    if (to.names.has(x) || x.op === "item") continue;
    for (const need of x.needs ?? []) if (!to.needs.has(need.size)) to.needs.set(need.size, need);
    if (x.op === "input" || x.op === "param")
      throw new Error(
        `program: ${x.op === "param" ? "a parameter" : "an input"} ${x.dtype}[${x.shape.join(", ")}] is used but is not among the inputs`,
      );
    if (x.value) to.names.set(x, storeConstant(to, x, x.value));
    else if (x.sizes) to.names.set(x, emit(to, graph, x, "Concat", x.sizes.map(to.size), { axis: 0 })[0]!);
    else if (x.body) lowerScan(to, graph, x, items.get(x) ?? []);
    else if (x.results) {
      const { count, required } = x.results;
      const read = items.get(x) ?? [];
      const last = Math.max(required, ...read.map(({ which }) => (which as number) + 1));
      const outputs = Array.from({ length: Math.min(count, last) }, (_, i) => read.find(({ which }) => which === i));
      const made = emit(to, graph, x, x.op, inputNames(to, x), x.attrs, outputs);
      for (const item of read) to.names.set(item, made[item.which as number]!);
    } else to.names.set(x, emit(to, graph, x, x.op, inputNames(to, x), x.attrs)[0]!);
  }
}

const inputNames = (to: Lowering, x: Tensor): string[] => x.inputs.map((i) => to.names.get(to.actual(i))!);

/** One node; `results` are the tensors that its outputs stand for, the node's own unless given. */
function emit(
  to: Lowering,
  graph: Writer,
  x: Tensor,
  op: string,
  inputs: readonly string[],
  attrs: Readonly<Record<string, Attr | { readonly graph: OnnxGraph }>> = {},
  results: readonly (Tensor | undefined)[] = [x],
): string[] {
  const name = to.unique(x.scope, op);
  const outputs = results.map((y, i) => (y && to.givenName.get(y)) ?? (i === 0 ? name : `${name}:${i}`));
  const attributes = Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, attribute(value)]));
  graph.nodes.push({ name: name.slice(1), op, domain: x.domain, inputs, outputs, attributes });
  return outputs;
}

function attribute(value: Attr | { readonly graph: OnnxGraph }): OnnxAttribute {
  if (typeof value === "number") return { int: value };
  if (typeof value === "string") return { string: value };
  if ("dtype" in value) return { int: typeCode[value.dtype] };
  if ("float" in value || "graph" in value) return value;
  return { ints: value };
}

const identity = ({ unique }: Lowering, from: string, to: string, scope: string): OnnxNode => ({
  name: unique(scope, "Identity").slice(1),
  op: "Identity",
  domain: "",
  inputs: [from],
  outputs: [to],
  attributes: {},
});

function storeConstant({ root, unique }: Lowering, x: Tensor, data: Data): string {
  const name = unique(x.scope, "const");
  root.initializers.push({ name, type: x.dtype, dims: x.shape as readonly number[], data: bytesOf(data) });
  return name;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Data): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Only what this program reads is stacked; captured tensors are read from the enclosing graph by name. */
function lowerScan(to: Lowering, graph: Writer, x: Tensor, items: readonly Tensor[]): void {
  const { before, after, slices, reverse } = x.body!;
  const read = items.map((i) => i.which);
  const stacked = [...new Set(read.filter((w) => typeof w === "object"))];
  const fed = [...before, ...slices];
  const outer = inputNames(to, { ...x, inputs: x.inputs.slice(0, fed.length) });

  const names = new Map<Tensor, string>();
  for (const c of x.inputs.slice(fed.length).map(to.actual)) {
    const name = to.names.get(c); // none: nothing here reads it
    if (name !== undefined) names.set(c, name);
  }
  const inputs = fed.map((p) => describe(to.unique(x.scope, "Scan/in"), p));
  fed.forEach((p, i) => {
    names.set(p, inputs[i]!.name);
  });
  const inner = newGraph();
  const inside: Lowering = { ...to, names, givenName: new Map() };
  const ends = [...after, ...stacked].map(to.actual);
  lower(inside, inner, needed(ends, names, to.actual));

  const taken = new Set(names.values()); // an output of a body is made in it, and is no other output
  const produced = new Set(inner.nodes.flatMap((n) => n.outputs));
  const outputs = ends.map((y) => {
    let name = names.get(y)!;
    if (!produced.has(name) || !taken.has(name)) {
      const copy = to.unique(y.scope, "Identity");
      inner.nodes.push(identity(to, name, copy, y.scope));
      name = copy;
    }
    taken.delete(name); // the next output of this name needs a copy
    return describe(name, y);
  });

  const direction = (n: number) => Array<number>(n).fill(Number(reverse));
  const body: OnnxGraph = { name: `${x.scope || "scan"}/body`, ...inner, inputs, outputs };
  const results = ends.map((_, i) =>
    items.find(({ which }) => (i < after.length ? which === i : which === stacked[i - after.length])),
  );
  const attrs = {
    body: { graph: body },
    num_scan_inputs: slices.length,
    scan_input_directions: direction(slices.length),
    ...(stacked.length > 0 && { scan_output_directions: direction(stacked.length) }),
  };
  const made = emit(to, graph, x, "Scan", outer, attrs, results);
  for (const item of items)
    to.names.set(
      item,
      made[typeof item.which === "number" ? item.which : after.length + stacked.indexOf(item.which!)]!,
    );
}
