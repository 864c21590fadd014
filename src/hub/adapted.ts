/** A folder's model with an adapter: merged into its weights, or beside them as it was trained (Node). */
import { quote } from "../formats/quote.ts";
import { type Adaptable, isAdaptable, lora, namedParams } from "../nn/index.ts";
import { type Adapter, type LowRank, openAdapter } from "./adapter.ts";
import type { ModelFolder } from "./folder.ts";

/** W + scale · B A in the place of each adapted W: the base's own model. Closing it closes the base. */
export function merge(base: ModelFolder, adapterPath: string): ModelFolder {
  const { adapter, ...folder } = joined(base, adapterPath);
  const changed = new Map<string, (into: Float32Array) => void>();
  for (const [module, low] of adapter.modules) {
    changed.set(`${module}.weight`, (into) => addProduct(into, adapter, low, moduleOf(base, module).stored));
    if (low.bias !== undefined) changed.set(`${module}.bias`, (into) => addBias(into, adapter, low));
  }
  const read = (name: string, into: Float32Array) => {
    folder.read(name, into);
    changed.get(name)?.(into);
  };
  const names = [...changed.keys(), ...adapter.whole.keys()];
  return { ...folder, read, storedNames: base.storedNames, merged: names };
}

/** The model with a low-rank layer in the place of each adapted one. Closing it closes the base. */
export function adapted(base: ModelFolder, adapterPath: string): ModelFolder {
  const { adapter, ...folder } = joined(base, adapterPath);
  const stored = new Map(folder.storedNames);
  for (const [module, { rank, scale, A, B, bias }] of adapter.modules) {
    const { parent, key, part } = placeOf(base, module);
    parent[key] = lora(part, { rank, scale, bias: bias !== undefined });
    stored.set(`${module}.lora_A.weight`, A).set(`${module}.lora_B.weight`, B);
    if (bias !== undefined) stored.set(`${module}.lora_B.bias`, bias);
  }
  const read = (name: string, into: Float32Array) => {
    if (/\.lora_[AB]\./.test(name)) adapter.weights.readInto(stored.get(name)!, into);
    else folder.read(name, into);
  };
  return { ...folder, read, params: namedParams(base.model), storedNames: stored };
}

/** The base with the parameters that the adapter has whole. */
function joined(base: ModelFolder, adapterPath: string): ModelFolder & { readonly adapter: Adapter } {
  const adapter = openAdapter(adapterPath, base);
  try {
    for (const [module, low] of adapter.modules) checkShapes(base, module, low, adapter);
    for (const [name, stored] of adapter.whole) checkWhole(base, name, stored, adapter);
  } catch (error) {
    adapter[Symbol.dispose]();
    throw error;
  }
  const close = () => {
    adapter[Symbol.dispose]();
    base.close();
  };
  return {
    ...base,
    adapter,
    storedNames: new Map([...base.storedNames, ...adapter.whole]),
    unused: [...base.unused, ...adapter.unused],
    fresh: base.fresh.filter((name) => !adapter.whole.has(name)),
    read(name, into) {
      const stored = adapter.whole.get(name);
      if (stored === undefined) base.read(name, into);
      else adapter.weights.readInto(stored, into);
    },
    close,
    [Symbol.dispose]: close,
  };
}

type Parts = Record<string, unknown>;

/** Where a module stands in the model. Throws an Error where it is no linear layer. */
function placeOf({ model, path }: ModelFolder, module: string) {
  const keys = module.split(".");
  const key = keys.pop()!;
  const parent = keys.reduce((part, key) => part[key] as Parts, model as unknown as Parts);
  const part = parent[key];
  if (!isAdaptable(part)) throw new Error(`${path}: ${quote(module)} is no linear layer, and no other can be adapted`);
  return { parent, key, part };
}

const moduleOf = (base: ModelFolder, module: string): Adaptable => placeOf(base, module).part;

function checkShapes(base: ModelFolder, module: string, { rank, A, B, bias }: LowRank, { weights }: Adapter): void {
  const { weight, stored, bias: own } = moduleOf(base, module);
  const [m, n] = weight.shape as [number, number];
  const [inDim, outDim] = stored === "out-in" ? [n, m] : [m, n];
  sameShape(weights, A, [rank, inDim]);
  sameShape(weights, B, [outDim, rank]);
  if (bias !== undefined) sameShape(weights, bias, [outDim]);
  if (bias !== undefined && !own)
    throw new Error(`${weights.path}: ${quote(bias)} cannot be merged: the base's ${quote(module)} has no bias`);
}

function checkWhole({ params, spec }: ModelFolder, name: string, stored: string, { weights }: Adapter): void {
  sameShape(weights, stored, params.get(name)!.shape);
  const copy = Object.entries(spec.architecture.fileNames.tied).find(([, path]) => path === name)?.[0];
  if (copy !== undefined && spec.config["tie_word_embeddings"] === true && name.endsWith(".weight"))
    throw new Error(
      `${weights.path}: ${quote(stored)} parts it from ${quote(copy)}, which is tied to it in the base: that is not implemented`,
    );
}

function sameShape({ tensors, path }: Adapter["weights"], name: string, want: readonly number[]): void {
  const got = tensors.get(name)!.shape;
  if (String(got) !== String(want))
    throw new Error(`${path}: ${quote(name)} is [${got.join(", ")}], but the base makes it [${want.join(", ")}]`);
}

/** into += scale · B A, as the weight lies in its file. */
function addProduct(into: Float32Array, { weights }: Adapter, low: LowRank, stored: Adaptable["stored"]): void {
  const [a, b] = [low.A, low.B].map((name) => weights.read(name).data as Float32Array);
  const [inDim, outDim] = [a!.length / low.rank, b!.length / low.rank];
  const row = new Float64Array(inDim);
  for (let o = 0; o < outDim; o++) {
    row.fill(0);
    for (let r = 0; r < low.rank; r++)
      for (let i = 0; i < inDim; i++) row[i]! += b![o * low.rank + r]! * a![r * inDim + i]!;
    for (let i = 0; i < inDim; i++) into[stored === "out-in" ? o * inDim + i : i * outDim + o]! += low.scale * row[i]!;
  }
}

function addBias(into: Float32Array, { weights }: Adapter, { bias, scale }: LowRank): void {
  const more = weights.read(bias!).data as Float32Array;
  for (let o = 0; o < into.length; o++) into[o]! += scale * more[o]!;
}
