import { expect, test } from "vitest";
import { compile } from "../runtime/compile.ts";
import { type Data, type DType, toData } from "./dtype.ts";
import golden from "./golden/torch.json" with { type: "json" };
import { type Float, grad, input, type Shape, scalar, type Tensor, type Value } from "./index.ts";
import * as ops from "./ops/index.ts";

/** A tensor of torch.json; a number that JSON has no word for is a text. */
type Stored = readonly [dtype: DType, shape: readonly number[], data: readonly (number | string | boolean)[]];
type Names =
  | "to"
  | "pattern"
  | "axis"
  | "k"
  | "of"
  | "largest"
  | "descending"
  | "reverse"
  | "ignore"
  | "window"
  | "stride";
type Options = Readonly<Record<Names, never>>;
interface Case {
  readonly op: string;
  readonly options: Options;
  readonly inputs: readonly Stored[];
  readonly y: Stored;
  /** The loss is Σ c ⊙ y; it and the gradients are there if y is differentiable. */
  readonly c?: Stored;
  readonly grads?: readonly Stored[];
  /** Second derivatives: the gradients of Σ ds ⊙ grads. */
  readonly ds?: readonly Stored[];
  readonly second?: readonly Stored[];
}
const cases = golden.cases as unknown as readonly Case[];

type Xs = readonly [x: never, y: never, z: never];
/** How a case is called, where not with its inputs alone. */
const calls: Record<string, (xs: Xs, options: Options) => Tensor> = {
  pow: ([x]) => ops.pow(x, 2.5),
  clip: ([x]) => ops.clip(x, -0.5, 0.5),
  cast: ([x], { to }) => ops.cast(x, to),
  stopGradient: ([x, y]) => ops.mul(ops.stopGradient(x) as Float, y),
  causal: () => ops.causal(3, 5),
  banded: () => ops.banded(5, 2),
  oneHot: ([ids]) => ops.oneHot(ids, 4),
  reshape: ([x]) => ops.reshape(x, [4, 6]),
  permute: ([x]) => ops.permute(x, [2, 0, 1]),
  rearrange: ([x]) => ops.rearrange(x, "b t (h d) -> b h t d", { h: 2 }),
  unsqueeze: ([x]) => ops.unsqueeze(x, 1),
  squeeze: ([x]) => ops.squeeze(x, 1),
  split: ([x]) => ops.split(x, [1, 3], 2)[1]!,
  chunk: ([x]) => ops.mul(...ops.chunk<"float32", 2>(x, 2, -1)),
  concat: ([x, y]) => ops.concat([x, y], 1),
  stack: ([x, y]) => ops.stack([x, y], -1),
  unstack: ([x]) => ops.unstack(x)[1]!,
  slice: ([x]) => ops.slice(x, 1, 1, 3),
  pad: ([x]) => ops.pad(x, -1, 1, 2, 0.5),
  flip: ([x]) => ops.flip(x, 1),
  broadcastTo: ([x]) => ops.broadcastTo(x, [2, 3]),
  sumTo: ([x]) => ops.sumTo(x, [3]),
  take: ([x, ids]) => ops.take(x, ids, 1),
  scatterAdd: ([ids, rows]) => ops.scatterAdd([4, 2], ids, rows),
  takeAlong: ([x, ids]) => ops.takeAlong(x, ids, 1),
  addAlong: ([x, ids, y]) => ops.addAlong(x, ids, y, 1),
  einsum: (xs, { pattern }) => ops.einsum(pattern, ...xs),
  sum: ([x]) => ops.sum(x, [0, -1]),
  mean: ([x]) => ops.mean(x, [0, -1], { keepDims: true }),
  max: ([x]) => ops.max(x, [1]),
  min: ([x]) => ops.min(x, [0]),
  variance: ([x]) => ops.variance(x, [1], { correction: 1 }),
  cumsum: ([x], options) => ops.cumsum(x, 1, options),
  logSumExp: ([x]) => ops.logSumExp(x, [-1]),
  softmax: ([x], { axis }) => ops.softmax(x, axis),
  layerNormalize: ([x, weight, bias]) => ops.layerNormalize(x, weight, bias, 1e-5),
  rmsNormalize: ([x, weight]) => ops.rmsNormalize(x, weight, 1e-5),
  topK: ([x], { k, axis, of, ...options }) => ops.topK(x, k, axis, options)[of],
  sort: ([x], { axis, of, ...options }) => ops.sort(x, axis, options)[of],
  argmax: ([x], { axis }) => ops.argmax(x, axis),
  argmin: ([x], { axis }) => ops.argmin(x, axis),
  crossEntropy: ([logits, labels], options) => ops.crossEntropy(logits, labels, options),
  conv1d: ([x, weight, bias], options) => ops.conv1d(x, weight, { ...options, bias }),
  conv2d: ([x, weight, bias], options) => ops.conv2d(x, weight, { ...options, bias }),
  convTranspose1d: ([x, weight, bias], options) => ops.convTranspose1d(x, weight, { ...options, bias }),
  convTranspose2d: ([x, weight, bias], options) => ops.convTranspose2d(x, weight, { ...options, bias }),
  maxPool1d: ([x], { window, ...options }) => ops.maxPool1d(x, window, options),
  maxPool2d: ([x], { window, ...options }) => ops.maxPool2d(x, window, options),
  averagePool1d: ([x], { window, ...options }) => ops.averagePool1d(x, window, options),
  averagePool2d: ([x], { window, ...options }) => ops.averagePool2d(x, window, options),
};

const toValue = ([dtype, dims, data]: Stored): Value =>
  ({ dtype, dims, data: toData(dtype, data.map(Number)) }) as Value;

/** Within 1e-5 of the largest magnitude, or of 1; whole numbers exactly. */
function expectClose(got: Value, stored: Stored) {
  const want = toValue(stored);
  expect([got.dtype, got.dims]).toEqual([want.dtype, want.dims]);
  const numbers = (data: Data) => Array.from(data, Number);
  const tolerance = want.dtype === "float32" ? 1e-5 * Math.max(1, ...numbers(want.data).map(Math.abs)) : 0;
  numbers(want.data).forEach((v, i) => {
    const difference = Math.abs(Number(got.data[i]) - v);
    if (!(difference <= tolerance || Object.is(Number(got.data[i]), v)))
      expect.fail(`number ${i} is ${got.data[i]}, not ${v}`);
  });
}

/** Values, gradients and second derivatives of a case whose first input has these sizes. */
async function check({ op, options, inputs, y, c, grads, ds, second }: Case, first: Shape) {
  const xs = inputs.map(([dtype, shape], i) => input(i === 0 ? first : shape, dtype));
  const all = ops as unknown as Record<string, (...xs: readonly never[]) => Tensor>;
  const call = calls[op] ?? ((xs: Xs) => all[op]!(...xs));
  const result = call(xs as never, options);
  const wrt = xs.filter((x) => x.dtype === "float32") as Float[];
  const unused = { ifUnused: ops.zerosLike };
  const weights = { ...(c && { c: input(result.shape) }), ...(ds && { ds: wrt.map((x) => input(x.shape)) }) };
  const made = c ? grad(ops.sum(ops.mul(result as Float, weights.c!)), wrt, unused) : [];
  const total = (weights.ds ?? []).reduce<Float>((sum, d, i) => ops.add(sum, ops.sum(ops.mul(d, made[i]!))), scalar(0));
  const again = ds ? grad(total, wrt, unused) : [];
  await using program = await compile({ xs, ...weights }, { y: result, grads: made, second: again });
  const got = await program({
    xs: inputs.map(toValue),
    ...(c && { c: toValue(c) }),
    ...(ds && { ds: ds.map(toValue) }),
  } as never);
  expectClose(got.y, y);
  for (const [i, want] of (grads ?? []).entries()) expectClose(got.grads[i]!, want);
  for (const [i, want] of (second ?? []).entries()) expectClose(got.second[i]!, want);
}

const title = ({ op, options, inputs, second }: Case) =>
  [
    op,
    inputs.map(([, shape]) => `[${shape}]`).join(" "),
    ...Object.entries(options).map(([k, v]) => `${k} ${JSON.stringify(v)}`),
    ...(second ? ["twice"] : []),
  ].join(", ");

test.each(cases.map((c) => [title(c), c] as const))("equals PyTorch: %s", (_, example) =>
  check(example, example.inputs[0]![1]),
);

const spatial = cases.filter(({ op }) => /^conv|Pool/.test(op));
test.each(spatial.map((c) => [title(c), c] as const))("equals PyTorch for any batch and length: %s", (_, example) =>
  check(
    example,
    example.inputs[0]![1].map((n, axis) => (axis === 1 ? n : `size${axis}`)),
  ),
);

test("every op is compared", () => {
  const elsewhere = ["dropout", "uniform", "scan", "iota", "full", "zeros", "zerosLike"];
  expect(new Set([...cases.map(({ op }) => op), ...elsewhere])).toEqual(new Set(Object.keys(ops)));
});
