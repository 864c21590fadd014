/** Nodes of a graph of tensors as nodes of an ONNX graph, and the graph inside a scan. */
import type { Dim } from "../tensor/dims.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import type { Attr, Data, Need, Tensor } from "../tensor/tensor.ts";
import { typeCode } from "./fields.ts";
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";

interface Writer {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
  /** Types and sizes of what the nodes make: the engine plans its memory by them, and opens deep graphs faster. */
  readonly values: OnnxValue[];
}
export const newGraph = (): Writer => ({ nodes: [], initializers: [], values: [] });

export interface Lowering {
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
export function uniqueNames(): Lowering["unique"] {
  const used = new Map<string, number>();
  return (scope, op) => {
    const name = `:${scope ? `${scope}/` : ""}${op}`;
    const n = (used.get(name) ?? 0) + 1;
    used.set(name, n);
    return n === 1 ? name : `${name}.${n}`;
  };
}

export function lower(to: Lowering, graph: Writer, order: readonly Tensor[]): void {
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
  results.forEach((y, i) => {
    if (y && !to.givenName.has(y)) graph.values.push(describe(outputs[i]!, y));
  });
  return outputs;
}

function attribute(value: Attr | { readonly graph: OnnxGraph }): OnnxAttribute {
  if (typeof value === "number") return { int: value };
  if (typeof value === "string") return { string: value };
  if ("dtype" in value) return { int: typeCode[value.dtype] };
  if ("float" in value || "graph" in value) return value;
  return { ints: value };
}

export const identity = ({ unique }: Lowering, from: string, to: string, scope: string): OnnxNode => ({
  name: unique(scope, "Identity").slice(1),
  op: "Identity",
  domain: "",
  inputs: [from],
  outputs: [to],
  attributes: {},
});

export function storeConstant({ root, unique }: Lowering, x: Tensor, data: Data): string {
  const name = unique(x.scope, "const");
  root.initializers.push({ name, type: x.dtype, dims: x.shape as readonly number[], data: bytesOf(data) });
  return name;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Data): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Only what this program reads is stacked; captured tensors are read from the enclosing graph by name. */
function lowerScan(to: Lowering, graph: Writer, x: Tensor, items: readonly Tensor[]): void {
  const { before, after, reverse } = x.body!;
  const read = items.map((i) => i.which);
  const stacked = [...new Set(read.filter((w) => typeof w === "object"))];
  const nameOf = (outer: Tensor) => to.names.get(to.actual(outer)); // none: nothing here reads it
  const slices = x.body!.slices.filter((_, i) => nameOf(x.inputs[before.length + i]!) !== undefined);
  const fed = [...before, ...slices];
  const outer = x.inputs.slice(0, before.length + x.body!.slices.length).flatMap((o) => nameOf(o) ?? []);
  const names = new Map(readFromOutside(x, items, to.actual).map((c) => [c, to.names.get(c)!]));
  const inputs = fed.map((p) => describe(to.unique(x.scope, "Scan/in"), p));
  fed.forEach((p, i) => {
    names.set(to.actual(p), inputs[i]!.name);
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

export const describe = (name: string, { dtype, shape }: Tensor): OnnxValue => ({ name, type: dtype, dims: shape });

/** Every node that `ends` depend on as they are lowered: not what only an unread or left out part of a scan captured. */
export function needed(
  ends: readonly Tensor[],
  until: { has(x: Tensor): boolean },
  actual: Lowering["actual"],
): Tensor[] {
  let order = topologicalOrder(ends, until, (x) => x.inputs.map(actual));
  while (order.some((x) => x.body)) {
    const items = itemsIn(order); // with what a scan does not read, what an earlier one need not stack is gone
    const inputs = (x: Tensor) => (x.body ? scanInputs(x, items.get(x) ?? [], actual) : x.inputs);
    const fewer = topologicalOrder(ends, until, (x) => inputs(x).map(actual));
    if (fewer.length === order.length) break;
    order = fewer;
  }
  return order;
}

function scanInputs(x: Tensor, items: readonly Tensor[], actual: Lowering["actual"]): Tensor[] {
  const { order, before, slices } = bodyOf(x, items, actual);
  const used = new Set(order);
  const walked = x.inputs.slice(before.length, before.length + slices.length).filter((_, i) => used.has(slices[i]!));
  return [
    ...x.inputs.slice(0, before.length),
    ...(walked.length > 0 ? walked : [x.inputs[before.length]!]), // the operator insists on one
    ...readFromOutside(x, items, actual),
  ];
}

/** What a scan's steps read and do not change: computed once, outside. */
function readFromOutside(x: Tensor, items: readonly Tensor[], actual: Lowering["actual"]): Tensor[] {
  const { order, ends, before, slices } = bodyOf(x, items, actual);
  const inner = itemsIn(order);
  const varying = new Set([...before, ...slices]);
  const read = new Set(ends);
  for (const y of order) {
    const inputs = (y.body ? scanInputs(y, inner.get(y) ?? [], actual) : y.inputs).map(actual);
    if (!varying.has(y) && !inputs.some((i) => varying.has(i))) continue;
    varying.add(y);
    for (const i of inputs) read.add(i);
  }
  return order.filter((y) => read.has(y) && !varying.has(y));
}

/** The nodes of its steps as far as they are read, and those they end in. */
function bodyOf(x: Tensor, items: readonly Tensor[], actual: Lowering["actual"]) {
  const { before, after } = x.body!;
  const slices = x.body!.slices.map(actual); // what one scan stacked and another walks along is one tensor
  const captured = x.inputs.slice(before.length + slices.length).map(actual);
  const ends = [...after, ...items.flatMap(({ which }) => (typeof which === "object" ? [which] : []))].map(actual);
  return { order: needed(ends, new Set([...before, ...slices, ...captured]), actual), ends, before, slices };
}

/** The results that are read of each node with several. */
function itemsIn(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const items = new Map<Tensor, Tensor[]>();
  for (const x of order) if (x.op === "item") items.set(x.inputs[0]!, [...(items.get(x.inputs[0]!) ?? []), x]);
  return items;
}
