/**
 * `expected.safetensors` (format "trainformer-expected-1"): the numbers that a reference implementation gave for a model
 * folder, and how ours are compared with them.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, parseJson, type Weights } from "./formats/index.ts";
import { input, type Tensor, type Value } from "./tensor/tensor.ts";

export interface TensorReport {
  readonly name: string;
  readonly max_abs: number;
  /** Of the largest magnitude: of the tensor for outputs, of all gradients for gradients, of the losses for losses. */
  readonly max_rel: number;
  readonly limit: number;
  readonly ok: boolean;
}

const FORMAT = "trainformer-expected-1";

/** What may differ, relative to the largest magnitude; more where the reference's own float32 was further from float64. */
const LIMITS = { outputs: 2e-5, grads: 2e-5, losses: 5e-6, scores: 2e-5 } as const;
export type Group = keyof typeof LIMITS;

const fileIn = (folder: string) => join(folder, "expected.safetensors");
export const hasExpected = (folder: string): boolean => existsSync(fileIn(folder));

/** Throws where there is no such file in the folder, or it is of another format. */
export function openExpected(folder: string): Weights {
  const file = fileIn(folder);
  if (!hasExpected(folder)) throw new Error(`${folder}: there is no expected.safetensors to compare with`);
  const expected = openSafetensors(file);
  const { format } = expected.metadata;
  if (format === FORMAT) return expected;
  expected.close();
  throw new Error(`${file}: its format is ${JSON.stringify(format)}, not "${FORMAT}"`);
}

export function limitOf(group: Group, { metadata, path }: Weights): number {
  const noise = metadata["float32_error"]
    ? (parseJson(metadata["float32_error"], path) as Partial<Record<Group, number>>)
    : {};
  return Math.max(LIMITS[group], 5 * (noise[group === "scores" ? "outputs" : group] ?? 0)); // scores are sums of outputs
}

/** The file's `inputs.*`: as graph inputs, and their values. */
export function inputsOf(expected: Weights) {
  const tensors: Record<string, Tensor> = {};
  const values: Record<string, Value> = {};
  for (const name of expected.tensors.keys()) {
    if (!name.startsWith("inputs.")) continue;
    const { dtype, shape, data } = expected.read(name);
    const key = name.slice("inputs.".length);
    tensors[key] = input(shape, dtype as "int64" | "float32");
    values[key] = { dtype, dims: shape, data } as Value;
  }
  return { tensors, values };
}

/** The rows of `generate.prompt`, without padding. */
export function promptsOf(expected: Weights): number[][] {
  const { shape, data } = expected.read("generate.prompt");
  const mask = expected.tensors.has("generate.attention_mask")
    ? expected.read("generate.attention_mask").data
    : undefined;
  const [rows, width] = shape as [number, number];
  return Array.from({ length: rows }, (_, r) => {
    const places = Array.from({ length: width }, (_, t) => r * width + t);
    return places.filter((at) => mask === undefined || Number(mask[at]) === 1).map((at) => Number(data[at]));
  });
}

interface Comparison {
  readonly limit: number;
  /** Which numbers count; all, unless given. */
  readonly counts?: ((index: number) => boolean) | undefined;
  /** What differences are relative to; the tensor's largest magnitude, unless given. */
  readonly scale?: number;
}

export function compare(
  name: string,
  got: ArrayLike<number>,
  expected: Weights,
  { limit, counts = () => true, scale }: Comparison,
): TensorReport {
  const want = expected.read(name).data as Float32Array;
  if (got.length !== want.length)
    throw new Error(`verify: ${name} has ${got.length} numbers, and ${want.length} were expected`);
  let worst = 0;
  let largest = scale ?? 0;
  for (let i = 0; i < want.length; i++) {
    if (!counts(i)) continue;
    const off = Math.abs(got[i]! - want[i]!);
    worst = off <= worst ? worst : off; // a NaN is the worst there is
    if (scale === undefined) largest = Math.max(largest, Math.abs(want[i]!));
  }
  const max_rel = worst === 0 ? 0 : worst / largest;
  return { name, max_abs: worst, max_rel, limit, ok: max_rel <= limit };
}

/** Ids are equal or they are not: `max_abs` counts those that differ. */
export function compareIds(name: string, got: readonly (readonly number[])[], expected: Weights): TensorReport {
  const { shape, data } = expected.read(name);
  const width = shape[1]!;
  const want = Array.from<number | bigint, number>(data, Number);
  const different = want.filter((id, i) => got[Math.floor(i / width)]?.[i % width] !== id).length;
  return { name, max_abs: different, max_rel: different / want.length, limit: 0, ok: different === 0 };
}

/** Which numbers of an output lie at positions that are no padding: what others hold, nothing depends on. */
export function realPositions(name: string, expected: Weights): ((index: number) => boolean) | undefined {
  if (!expected.tensors.has("inputs.attention_mask")) return undefined;
  const { shape, data } = expected.read("inputs.attention_mask");
  const dims = expected.tensors.get(name)!.shape;
  const axis = name.startsWith("outputs.attentions.") ? 2 : 1; // attentions: the query's
  const byPosition = /hidden_state|attentions|logits/.test(name) && dims[0] === shape[0] && dims[axis] === shape[1];
  if (!byPosition) return undefined;
  const T = shape[1]!;
  const row = dims.slice(1).reduce((a, b) => a * b, 1);
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  return (index) => Number(data[Math.floor(index / row) * T + (Math.floor(index / inner) % T)]) === 1;
}

/** The largest magnitude among these tensors. */
export const largestOf = (names: readonly string[], expected: Weights): number =>
  Math.max(
    ...names.map((name) =>
      (expected.read(name).data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0),
    ),
  );
