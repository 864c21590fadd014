/** What a program is fed is checked before the engine sees it: names, types, ranks, sizes, and every named size alike. */
import type { Signature } from "../onnx/lower.ts";
import { type Dim, evaluate } from "../tensor/dims.ts";
import { arrayOf, count, type Value } from "../tensor/dtype.ts";
import type { Need } from "../tensor/tensor.ts";
import type { Values } from "./engine.ts";

/** What each named size turned out to be, and in which input. */
export type Sizes = Map<string, { readonly size: number; readonly in: string }>;

/** Every input is there, is known, and fits, and what the graph needs of the sizes holds; returns the named sizes. */
export function checkFeeds(inputs: readonly Signature[], feeds: Values, needs: readonly Need[] = []): Sizes {
  for (const name of Object.keys(feeds)) find(inputs, name, "input");
  const sizes = sizesIn(inputs, feeds);
  for (const input of inputs) checkValue("input", input, feeds[input.name]!, sizes);
  for (const need of needs) checkNeed(need, sizes);
  return sizes;
}

/** The named sizes that these feeds have. Throws a TypeError where an input is missing. */
export function sizesIn(inputs: readonly Signature[], feeds: Values): Sizes {
  const sizes: Sizes = new Map();
  for (const input of inputs) {
    if (!Object.hasOwn(feeds, input.name)) throw new TypeError(`program: input ${show(input)} is missing`);
    bindSizes(input, feeds[input.name]!, sizes);
  }
  return sizes;
}

function checkNeed({ size, otherwise }: Need, sizes: Sizes): void {
  const read = new Map<string, number>();
  const value = evaluate(size, (name) => {
    const n = sizeOf(name, sizes);
    read.set(name, n);
    return n;
  });
  if (value < 0) throw new TypeError(`${otherwise}; here ${[...read].map((of) => of.join(" is ")).join(", ")}`);
}

/** Named outputs exist and their arrays fit. */
export function checkInto(outputs: readonly Signature[], into: Values, sizes: Sizes): void {
  for (const [name, value] of Object.entries(into)) checkValue("output", find(outputs, name, "output"), value, sizes);
}

function bindSizes({ name, dims }: Signature, value: Value, sizes: Sizes): void {
  dims.forEach((dim, axis) => {
    const size = value.dims[axis];
    if (typeof dim === "string" && /^\w+$/.test(dim) && size !== undefined && !sizes.has(dim))
      sizes.set(dim, { size, in: name });
  });
}

function checkValue(kind: string, want: Signature, { dtype, dims, data }: Value, sizes: Sizes): void {
  const fail = (why: string): never => {
    throw new TypeError(`program: ${kind} ${show(want)} cannot be ${dtype}[${dims.join(", ")}]: ${why}`);
  };
  if (dtype !== want.dtype) fail(`${want.dtype} ≠ ${dtype}`);
  if (!(data instanceof arrayOf[dtype])) fail(`its data is a ${nameOf(data)}, not a ${arrayOf[dtype].name}`);
  if (dims.length !== want.dims.length) fail(`rank ${want.dims.length} ≠ ${dims.length}`);
  want.dims.forEach((dim, axis) => {
    const size = dims[axis]!;
    const expected = sizeOf(dim, sizes);
    if (expected === size) return;
    const bound = typeof dim === "string" ? sizes.get(dim) : undefined;
    fail(bound ? `"${dim}" is ${bound.size} in ${bound.in}, but ${size} here` : `${dim} ≠ ${size} at axis ${axis}`);
  });
  if (data.length !== count(dims))
    fail(
      `it holds ${data.length} numbers, not ${count(dims)}${data.length === 0 ? " (was its buffer given away?)" : ""}`,
    );
}

/** NaN where a size is not known. */
export const sizeOf = (dim: Dim, sizes: Sizes): number => evaluate(dim, (name) => sizes.get(name)?.size ?? Number.NaN);

const nameOf = (data: unknown): string => (data as object | null | undefined)?.constructor?.name ?? String(data);

const show = ({ name, dtype, dims }: Signature) => `${name} ${dtype}[${dims.join(", ")}]`;

function find(known: readonly Signature[], name: string, kind: string): Signature {
  const found = known.find((s) => s.name === name);
  if (!found)
    throw new TypeError(`program: there is no ${kind} "${name}"; there are ${known.map((s) => s.name).join(", ")}`);
  return found;
}
