/** The model of src/train/golden/steps.py in our words, its first weights and its batches. Sizes of batches are free. */
import {
  add,
  causal,
  crossEntropy,
  gather,
  gelu,
  iota,
  layerNormalize,
  matmul,
  mul,
  rearrange,
  softmax,
  split,
  transpose,
  where,
} from "../src/tensor/ops/index.ts";
import { type Float, type Ids, input, sizes, type Value } from "../src/tensor/tensor.ts";

const V = 11;
const C = 8;
const HEADS = 2;

export const tinyBatch = () => ({ ids: input(["batch", "time"], "int64"), labels: input(["batch", "time"], "int64") });

export function tinyLoss(
  w: (name: string) => Float,
  { ids, labels }: { readonly ids: Ids; readonly labels: Ids },
): Float {
  const [, T] = sizes(ids, "B T");
  const norm = (x: Float, name: string) => layerNormalize(x, w(`${name}.weight`), w(`${name}.bias`), 1e-5);
  let x = add(gather(w("wte.weight"), ids), gather(w("wpe.weight"), iota(T))); // [B, T, C]
  const qkv = add(matmul(norm(x, "ln_1"), w("c_attn.weight")), w("c_attn.bias"));
  const [q, k, v] = split(qkv, [C, C, C], -1).map((y) => rearrange(y, "b t (h d) -> b h t d", { h: HEADS }));
  const scores = mul(matmul(q!, transpose(k!)), (C / HEADS) ** -0.5);
  const y = matmul(softmax(where(causal(T), scores, -1e9)), v!);
  x = add(x, matmul(rearrange(y, "b h t d -> b t (h d)"), w("c_proj.weight")));
  const hidden = gelu(add(matmul(norm(x, "ln_2"), w("c_fc.weight")), w("c_fc.bias")));
  x = add(x, matmul(hidden, w("c_out.weight")));
  return crossEntropy(matmul(norm(x, "ln_f"), transpose(w("wte.weight"))), labels);
}

/** Multiples of 1/512, and 1 more for a norm's weight. */
export const tinyWeights = (name: string, length: number, row: number): number[] =>
  Array.from({ length }, (_, i) => (((37 * i + 17 * row) % 101) - 50) / 512 + Number(/^ln.*weight$/.test(name)));

/** Rows `from` to `to` of a step's batch of 16; `steps.py` uses the first four. */
export function tinyRows(step: number, from = 0, to = 4, T = 6): { ids: Value<"int64">; labels: Value<"int64"> } {
  const ids = Array.from({ length: (to - from) * T }, (_, j) => {
    const i = j + from * T;
    return (7 * i + 3 * step + i * i) % V;
  });
  const value = (numbers: readonly number[]): Value<"int64"> => ({
    dtype: "int64",
    dims: [to - from, T],
    data: BigInt64Array.from(numbers, BigInt),
  });
  return { ids: value(ids), labels: value(ids.map((id) => (3 * id + 1) % V)) };
}
