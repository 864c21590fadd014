import { describe, expect, test } from "vitest";
import { type Bool, type Float, grad, type Ids, input, int64, type Shape, ShapeError, sizes, within } from "./index.ts";
import * as ops from "./ops/index.ts";

const f = (...shape: Shape): Float => input(shape);
const ids = (...shape: Shape): Ids => input(shape, "int64");
const bool = (...shape: Shape): Bool => input(shape, "bool");

type Wrong = readonly [call: () => unknown, message: string];

const cannotBroadcast = (op: (x: Float, y: Float) => unknown): Wrong => [
  () => op(f(2, 3), f(2, 4)),
  "cannot broadcast float32[2, 3] with float32[2, 4]: 3 ≠ 4 at axis -1",
];
const noAxis = (op: (x: Float) => unknown): Wrong => [() => op(f(2, 3)), "float32[2, 3] has no axis 2"];

/** Every op's mistakes, and what is said of them between the op's name and the layer's path. */
const wrong: Record<string, readonly Wrong[]> = {
  add: [
    cannotBroadcast(ops.add),
    [
      () => ops.add(f("batch", 3), f("rows", 1)),
      "cannot broadcast float32[batch, 3] with float32[rows, 1]: batch ≠ rows at axis -2",
    ],
    [() => ops.add(f(2), ids(2) as never), "float32[2] and int64[2] are of different types; cast one of them"],
    [() => ops.add(ids(2), 0.5), "0.5 is not a whole number, as int64 needs; cast the tensor"],
  ],
  sub: [cannotBroadcast(ops.sub)],
  mul: [cannotBroadcast(ops.mul)],
  div: [cannotBroadcast(ops.div)],
  maximum: [cannotBroadcast(ops.maximum)],
  minimum: [cannotBroadcast(ops.minimum)],
  mod: [[() => ops.mod(ids(2), ids(3)), "cannot broadcast int64[2] with int64[3]: 2 ≠ 3 at axis -1"]],
  equal: [cannotBroadcast(ops.equal)],
  notEqual: [cannotBroadcast(ops.notEqual)],
  less: [cannotBroadcast(ops.less)],
  lessOrEqual: [cannotBroadcast(ops.lessOrEqual)],
  greater: [cannotBroadcast(ops.greater)],
  greaterOrEqual: [cannotBroadcast(ops.greaterOrEqual)],
  and: [[() => ops.and(bool(2), bool(3)), "cannot broadcast bool[2] with bool[3]: 2 ≠ 3 at axis -1"]],
  or: [[() => ops.or(bool(2), bool(3)), "cannot broadcast bool[2] with bool[3]: 2 ≠ 3 at axis -1"]],
  where: [
    [() => ops.where(bool(2), f(2), f(3)), "cannot broadcast float32[2] with float32[3]: 2 ≠ 3 at axis -1"],
    [() => ops.where(bool("time"), f(2), 0), "cannot broadcast bool[time] with float32[2]: time ≠ 2 at axis -1"],
  ],
  matmul: [
    [() => ops.matmul(f(2, 3), f(4, 5)), "cannot multiply float32[2, 3] by float32[4, 5]: 3 ≠ 4"],
    [() => ops.matmul(f(3), f(3, 5)), "cannot multiply float32[3] by float32[3, 5]: a matrix has two axes"],
    [
      () => ops.matmul(f(2, 3), input([3, 5], "float64")),
      "cannot multiply float32[2, 3] by float64[3, 5]: float32 ≠ float64",
    ],
    [
      () => ops.matmul(f("batch", 2, 3), f("rows", 3, 5)),
      "cannot broadcast float32[batch] with float32[rows]: batch ≠ rows at axis -1",
    ],
  ],
  addmm: [
    [() => ops.addmm(f(5), f(2, 2, 3), f(3, 5)), "float32[2, 2, 3] and float32[3, 5] are not both matrices"],
    [() => ops.addmm(f(4), f(2, 3), f(3, 5)), "cannot broadcast float32[4] with float32[2, 5]: 4 ≠ 5 at axis -1"],
    [() => ops.addmm(f(7, 2, 5), f(2, 3), f(3, 5)), "float32[7, 2, 5] does not fit into [2, 5]"],
  ],
  einsum: [
    [
      () => ops.einsum("i j, j k -> i k", f(2, 3), f(4, 5)),
      '"i j, j k -> i k": j is 3 in float32[2, 3] and 4 in float32[4, 5]: 3 ≠ 4',
    ],
    [() => ops.einsum("ij,jk->ik", f(2, 3)), '"ij,jk->ik": 2 terms ≠ 1 tensors'],
    [() => ops.einsum("time -> time", f(3)), '"time -> time": (t i m e) wants rank 4, got float32[3]'],
    [() => ops.einsum("ii->i", f(3, 3)), '"ii->i": i stands twice in (i i); a diagonal is not read'],
    [() => ops.einsum("ij->ik", f(3, 3)), '"ij->ik": no tensor has k'],
    [() => ops.einsum("ij->ii", f(3, 3)), '"ij->ii": i stands twice in the result'],
    [() => ops.einsum("ij", f(3, 3)), '"ij": it is not "names, names -> names"'],
    [() => ops.einsum("ij->i,j", f(3, 3)), '"ij->i,j": it is not "names, names -> names"'],
  ],
  reshape: [[() => ops.reshape(f(2, 3), [4, 2]), "cannot reshape float32[2, 3] to [4, 2]: 6 ≠ 8 elements"]],
  permute: [
    [() => ops.permute(f(2, 3), [0, 0]), "[0, 0] is not an order of the axes of float32[2, 3]"],
    [() => ops.permute(f(2, 3), [1, 2]), "[1, 2] is not an order of the axes of float32[2, 3]"],
  ],
  transpose: [[() => ops.transpose(f(3)), "float32[3] has no two axes"]],
  squeeze: [
    noAxis((x) => ops.squeeze(x, 2)),
    [() => ops.squeeze(f(1, "time"), 1), "axis 1 of float32[1, time] is not 1"],
  ],
  unsqueeze: [[() => ops.unsqueeze(f(2, 3), 3), "float32[2, 3] has no place 3 for an axis"]],
  rearrange: [
    [() => ops.rearrange(f(2, 3), "a b c -> c b a"), '"a b c -> c b a": it wants rank 3, got float32[2, 3]'],
    [() => ops.rearrange(f(2, 3), "a b -> a a"), '"a b -> a a": the names on its sides differ, or one appears twice'],
    [
      () => ops.rearrange(f(2, 6), "a (b c) -> a b c", { b: 4 }),
      '"a (b c) -> a b c": axis 1 of float32[2, 6] is not (b c) with {"b":4,"a":2}',
    ],
  ],
  concat: [
    [() => ops.concat([f(2, 3), f(3, 3)], 1), "cannot join float32[2, 3] and float32[3, 3]: 2 ≠ 3 at axis 0"],
    [() => ops.concat([f(2, 3), f(2)], 1), "cannot join float32[2, 3] and float32[2]: 2 ≠ 1 axes"],
    [() => ops.concat([], 1), "there is nothing to join"],
    noAxis((x) => ops.concat([x, x], 2)),
  ],
  stack: [
    [() => ops.stack([f(2), f(3)]), "cannot join float32[1, 2] and float32[1, 3]: 2 ≠ 3 at axis 1"],
    [() => ops.stack([]), "there is nothing to join"],
  ],
  split: [
    [() => ops.split(f(2, 6), [2, 3], 1), "cannot split float32[2, 6] into 2 + 3: 6 ≠ 5"],
    noAxis((x) => ops.split(x, [1, 2], 2)),
  ],
  chunk: [
    [() => ops.chunk(f(2, 6), 4, 1), "axis 1 of float32[2, 6] is not 4 equal pieces"],
    [() => ops.chunk(f("time"), 2, 0), "axis 0 of float32[time] is not 2 equal pieces"],
  ],
  unstack: [[() => ops.unstack(f("time", 2)), "the first size of float32[time, 2] is not a number"]],
  slice: [
    [() => ops.slice(f(2, 6), 1, 4, 7), "4 … 7 is not a part of axis 1 of float32[2, 6]"],
    [() => ops.slice(f(2, 6), 1, 4, 3), "4 … 3 is not a part of axis 1 of float32[2, 6]"],
    noAxis((x) => ops.slice(x, 2, 0, 1)),
  ],
  pad: [[() => ops.pad(f(2, 3), 1, -1, 0), "cannot pad float32[2, 3] by -1"], noAxis((x) => ops.pad(x, 2, 0, 1))],
  flip: [noAxis((x) => ops.flip(x, 2))],
  broadcastTo: [
    [() => ops.broadcastTo(f(3), [2, 4]), "cannot broadcast float32[3] with float32[2, 4]: 3 ≠ 4 at axis -1"],
    [() => ops.broadcastTo(f(2, 3), [3]), "float32[2, 3] does not fit into [3]"],
  ],
  sumTo: [[() => ops.sumTo(f(2, 3), [4]), "cannot broadcast float32[4] with float32[2, 3]: 4 ≠ 3 at axis -1"]],
  sum: [noAxis((x) => ops.sum(x, [2]))],
  mean: [noAxis((x) => ops.mean(x, [2]))],
  max: [noAxis((x) => ops.max(x, [2]))],
  min: [noAxis((x) => ops.min(x, [2]))],
  variance: [noAxis((x) => ops.variance(x, [2]))],
  logSumExp: [noAxis((x) => ops.logSumExp(x, [2]))],
  cumsum: [noAxis((x) => ops.cumsum(x, 2))],
  softmax: [noAxis((x) => ops.softmax(x, 2))],
  logSoftmax: [noAxis((x) => ops.logSoftmax(x, 2))],
  layerNormalize: [
    [
      () => ops.layerNormalize(f(2, 3), f(3), f(4), 1e-5),
      "the last axis of float32[2, 3] takes parameters [3], got float32[4]",
    ],
  ],
  rmsNormalize: [
    [
      () => ops.rmsNormalize(f(2, "width"), f(3), 1e-5),
      "the last axis of float32[2, width] takes parameters [width], got float32[3]",
    ],
  ],
  unitNormalize: [],
  gather: [[() => ops.gather(f(), ids(2)), "float32[] has no axis 0"]],
  take: [noAxis((x) => ops.take(x, ids(4), 2))],
  scatterAdd: [
    [
      () => ops.scatterAdd([5, 2], ids("time"), f("time", 3)),
      "int64[time] into [5, 2] takes rows [time, 2], got float32[time, 3]",
    ],
  ],
  takeAlong: [
    noAxis((x) => ops.takeAlong(x, ids(2, 3), 2)),
    [() => ops.takeAlong(f(2, 3), ids(2), 1), "float32[2, 3] and int64[2] differ: 2 ≠ 1 axes"],
    [() => ops.takeAlong(f(2, 3), ids(4, 3), 1), "float32[2, 3] and int64[4, 3] differ: 2 ≠ 4 at axis 0"],
  ],
  addAlong: [
    [() => ops.addAlong(f(2, 3), ids(4, 3), f(4, 3), 1), "float32[2, 3] and int64[4, 3] differ: 2 ≠ 4 at axis 0"],
    [() => ops.addAlong(f(2, 3), ids(2, 4), f(2, 5), 1), "int64[2, 4] cannot place float32[2, 5]"],
  ],
  pick: [
    [
      () => ops.pick(f("B", "T", 9), ids("B", "S")),
      "one of each row of float32[B, T, 9] takes ids [B, T], got int64[B, S]",
    ],
  ],
  topK: [
    [() => ops.topK(f(2, 3), 4), "cannot take 4 of float32[2, 3]: 4 > 3 at axis -1"],
    [() => ops.topK(f(2, 3), 0), "cannot take 0 values"],
    [() => ops.topK(f(0, 3), 2), "float32[0, 3] is empty"],
    noAxis((x) => ops.topK(x, 1, 2)),
  ],
  sort: [noAxis((x) => ops.sort(x, 2))],
  argmax: [noAxis((x) => ops.argmax(x, 2))],
  argmin: [noAxis((x) => ops.argmin(x, 2))],
  crossEntropy: [
    [
      () => ops.crossEntropy(f("batch", "time", 9), ids("batch")),
      "logits float32[batch, time, 9] take labels [batch, time], got int64[batch]",
    ],
  ],
  conv1d: [
    [() => ops.conv1d(f(2, 3), f(4, 3, 3)), "x and weight are of rank 3, got float32[2, 3]"],
    [() => ops.conv1d(f(1, 3, 8), f(4, 2, 3)), "cannot convolve float32[1, 3, 8] by float32[4, 2, 3]: 3 ≠ 2 channels"],
    [
      () => ops.conv1d(f(1, 4, 8), f(3, 2, 3), { groups: 2 }),
      "cannot convolve float32[1, 4, 8] by float32[3, 2, 3] in 2 groups: 2 does not divide 3 channels",
    ],
    [() => ops.conv1d(f(1, 3, 8), f(4, 3, 3), { groups: 0 }), "cannot make 0 groups"],
    [() => ops.conv1d(f(1, 3, 8), f(4, 3, 3), { bias: f(3) }), "the bias must be [4], got float32[3]"],
    [
      () => ops.conv1d(f(1, 3, 8), f(4, 3, 5), { dilation: 2, padding: [0, 0] }),
      "no window fits into float32[1, 3, 8]: 9 > 8, with padding, at axis 2",
    ],
    [() => ops.conv1d(f(1, 3, 8), f(4, 3, 3), { stride: 0 }), "the stride must be a whole number from 1, got 0"],
    [
      () => ops.conv1d(f(1, 3, 8), f(4, 3, 3), { dilation: 0.5 }),
      "the dilation must be a whole number from 1, got 0.5",
    ],
    [
      () => ops.conv1d(f(1, 3, 8), f(4, 3, 3), { padding: [-1, 0] }),
      "the padding must be a whole number from 0, got -1",
    ],
    [() => ops.conv1d(f(0, 3, 8), f(4, 3, 3)), "float32[0, 3, 8] is empty"],
  ],
  conv2d: [
    [
      () => ops.conv2d(f(1, 3, 8, 2), f(4, 3, 3, 3)),
      "no window fits into float32[1, 3, 8, 2]: 3 > 2, with padding, at axis 3",
    ],
  ],
  convTranspose1d: [
    [
      () => ops.convTranspose1d(f(1, 3, 8), f(4, 2, 3)),
      "cannot convolve float32[1, 3, 8] by float32[4, 2, 3]: 3 ≠ 4 channels",
    ],
    [
      () => ops.convTranspose1d(f(1, 4, 8), f(4, 2, 3), { stride: 2, outputPadding: 2 }),
      "the output padding must be below the stride: 2 ≥ 2",
    ],
  ],
  convTranspose2d: [
    [() => ops.convTranspose2d(f(1, 3, 8), f(4, 2, 3)), "x and weight are of rank 4, got float32[1, 3, 8]"],
  ],
  maxPool1d: [
    [() => ops.maxPool1d(f(2, 3), 2), "expected rank 3, got float32[2, 3]"],
    [
      () => ops.maxPool1d(f(1, 2, 6), 2, { padding: 2 }),
      "with 2 of padding, a window of 2 of float32[1, 2, 6] is empty",
    ],
  ],
  maxPool2d: [
    [() => ops.maxPool2d(f(1, 2, 6, 1), 2), "no window fits into float32[1, 2, 6, 1]: 2 > 1, with padding, at axis 3"],
  ],
  averagePool1d: [[() => ops.averagePool1d(f(2, 3), 2), "expected rank 3, got float32[2, 3]"]],
  averagePool2d: [[() => ops.averagePool2d(f(1, 2, 3), 2), "expected rank 4, got float32[1, 2, 3]"]],
  dropout: [[() => ops.dropout(f(2), 1), "the probability 1 is not in [0, 1)"]],
  scan: [
    [
      () => ops.scan(([h]) => ({ carry: [ops.sum(h)], ys: [] }), [f(2)], [f(3, 2)]),
      "carry 0 enters the step as float32[2] and leaves it as float32[]",
    ],
  ],
};

/** They take whatever shape they are given, or make one. */
const nothingToSay = [
  ...["abs", "clip", "floor", "neg", "pow", "round", "sign", "square", "cast", "isNan", "not", "stopGradient"],
  ...["cos", "erf", "exp", "gelu", "geluTanh", "log", "relu", "rsqrt", "sigmoid", "silu", "sin", "softplus", "sqrt"],
  ...["tanh", "banded", "causal", "full", "iota", "oneHot", "uniform", "zeros", "zerosLike"],
];

test("every op's errors are tested", () =>
  expect([...Object.keys(wrong), ...nothingToSay].sort()).toEqual(Object.keys(ops).sort()));

describe("an error says what, with which shapes, why, and in which layer", () => {
  const cases = Object.entries(wrong).flatMap(([op, list]) => list.map(([call, message]) => ({ op, call, message })));
  test.each(cases)("$op: $message", ({ op, call, message }) => {
    expect(() => within("h.1.mlp", call)).toThrow(new ShapeError(`${op}: ${message} (in h.1.mlp)`));
    expect(call).toThrow(new ShapeError(`${op}: ${message}`));
  });
});

test("a shape is taken apart only at its rank", () => {
  expect(sizes(f("batch", 3), "B C")).toEqual(["batch", 3]);
  expect(() => within("h.0", () => sizes(f("batch", 3), "B T C"))).toThrow(
    "sizes: expected rank 3 (B T C), got float32[batch, 3] (in h.0)",
  );
});

test("a gradient of what is no number, or does not depend on x, is refused", () => {
  const [x, y] = [f("batch"), f(2)];
  expect(() => grad(ops.exp(x), [x])).toThrow("grad: the loss must be a scalar, got float32[batch]");
  expect(() => grad(ops.sum(x), [x, y])).toThrow("grad: the loss does not depend on input float32[2]");
  expect(() => grad(ops.sum(ops.stopGradient(x)), [x])).toThrow("the loss does not depend on input float32[batch]");
  expect(grad(ops.sum(x), [x, y], { ifUnused: ops.zerosLike })[1]!.shape).toEqual([2]);
});

test("ids made from fractions are refused", () => expect(() => int64([1, 1.5])).toThrow());
