import { describe, expect, test } from "vitest";
import { awayFromZero, type Case, checkGradient, positive } from "../../test/gradient-check.ts";
import * as ops from "./ops/index.ts";
import { int64 } from "./tensor.ts";

// One line per op: a new op without a line here fails "every op is checked".
const smooth: Record<string, Case> = {
  add: { op: ops.add, shapes: [[2, 3], [3]] }, // broadcasts
  sub: {
    op: ops.sub,
    shapes: [
      [2, 1],
      [2, 3],
    ],
  },
  mul: {
    op: ops.mul,
    shapes: [
      [4, 1, 3],
      [2, 3],
    ],
  },
  div: { op: ops.div, shapes: [[2, 3], [3]], at: positive },
  neg: { op: ops.neg, shapes: [[5]] },
  square: { op: ops.square, shapes: [[5]] },
  pow: { op: (x) => ops.pow(x, 2.5), shapes: [[5]], at: positive },
  exp: { op: ops.exp, shapes: [[5]] },
  log: { op: ops.log, shapes: [[5]], at: positive },
  sqrt: { op: ops.sqrt, shapes: [[5]], at: positive },
  rsqrt: { op: ops.rsqrt, shapes: [[5]], at: positive },
  sin: { op: ops.sin, shapes: [[5]] },
  cos: { op: ops.cos, shapes: [[5]] },
  tanh: { op: ops.tanh, shapes: [[5]] },
  sigmoid: { op: ops.sigmoid, shapes: [[5]] },
  silu: { op: ops.silu, shapes: [[5]] },
  softmax: { op: (x) => ops.softmax(x, 1), shapes: [[2, 4, 3]] },
  logSoftmax: { op: (x) => ops.logSoftmax(x), shapes: [[2, 4]] },
  layerNormalize: { op: (x, w, b) => ops.layerNormalize(x, w, b, 1e-3), shapes: [[2, 3, 5], [5], [5]] },
  rmsNormalize: { op: (x, w) => ops.rmsNormalize(x, w, 1e-3), shapes: [[2, 5], [5]] },
  unitNormalize: { op: (x) => ops.unitNormalize(x), shapes: [[2, 5]] },
  sum: { op: (x) => ops.sum(x, [-1]), shapes: [[2, 3]] },
  mean: { op: (x) => ops.mean(x, [0]), shapes: [[2, 3]] },
  variance: { op: (x) => ops.variance(x, [1], { correction: 1 }), shapes: [[2, 4]] },
  logSumExp: { op: (x) => ops.logSumExp(x, [-1]), shapes: [[2, 4]] },
  cumsum: { op: (x) => ops.cumsum(x, 1), shapes: [[2, 4]] },
  crossEntropy: {
    op: (x) => ops.crossEntropy(x, int64([2, -100, 0, 2]), { labelSmoothing: 0.1 }),
    shapes: [[4, 3]],
  },
  matmul: {
    op: ops.matmul,
    shapes: [
      [2, 3, 4],
      [4, 5],
    ],
  }, // batch broadcasts
  einsum: {
    op: (q, k, v) => ops.einsum("b t h d, b s h d, b s h v -> b t h v", q, k, v),
    shapes: [
      [2, 2, 2, 3],
      [2, 4, 2, 3],
      [2, 4, 2, 2],
    ],
  },
  addmm: {
    op: ops.addmm,
    shapes: [
      [4, 1],
      [4, 3],
      [3, 2],
    ],
  },
  chunk: {
    op: (x) => {
      const [a, b] = ops.chunk(x, 2, -1);
      return ops.mul(a, b);
    },
    shapes: [[2, 4]],
  },
  split: { op: (x) => ops.exp(ops.split(x, [1, 3], 1)[1]!), shapes: [[2, 4]] }, // one piece is unused
  concat: {
    op: (x, y) => ops.concat([x, y], 1),
    shapes: [
      [2, 3],
      [2, 1],
    ],
  },
  stack: {
    op: (x, y) => ops.stack([x, y], -1),
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  unstack: {
    op: (x) => {
      const [a, b] = ops.unstack(x);
      return ops.mul(a!, b!);
    },
    shapes: [[2, 3]],
  },
  slice: { op: (x) => ops.slice(x, 1, 1, 3), shapes: [[2, 4]] },
  pad: { op: (x) => ops.pad(x, 1, 1, 2), shapes: [[2, 3]] },
  flip: { op: (x) => ops.mul(x, ops.flip(x, 0)), shapes: [[3, 2]] },
  unsqueeze: { op: (x) => ops.unsqueeze(x, 1), shapes: [[2, 3]] },
  squeeze: { op: (x) => ops.squeeze(x, 1), shapes: [[2, 1, 3]] },
  reshape: { op: (x) => ops.reshape(x, [3, 2]), shapes: [[2, 3]] },
  permute: { op: (x) => ops.permute(x, [2, 0, 1]), shapes: [[2, 3, 4]] },
  transpose: { op: ops.transpose, shapes: [[2, 3, 4]] },
  rearrange: { op: (x) => ops.rearrange(x, "b t (h d) -> b h t d", { h: 2 }), shapes: [[2, 3, 4]] },
  broadcastTo: { op: (x) => ops.broadcastTo(x, [2, 3]), shapes: [[3]] },
  sumTo: { op: (x) => ops.sumTo(x, [3]), shapes: [[2, 3]] },
  gather: { op: (x) => ops.gather(x, int64([1, 0, 1])), shapes: [[3, 2]] }, // repeated index
  take: { op: (x) => ops.take(x, int64([1, 0, 1]), 1), shapes: [[2, 3, 2]] },
  scatterAdd: { op: (x) => ops.scatterAdd([3, 2], int64([1, 0, 1]), x), shapes: [[3, 2]] },
  takeAlong: { op: (x) => ops.takeAlong(x, ops.reshape(int64([1, 0, 1, 1]), [2, 2]), 1), shapes: [[2, 3]] },
  addAlong: {
    op: (x, y) => ops.addAlong(x, ops.reshape(int64([1, 1]), [2, 1]), y, 1),
    shapes: [
      [2, 3],
      [2, 1],
    ],
  },
  pick: { op: (x) => ops.pick(x, int64([1, 0])), shapes: [[2, 3]] },
  cast: { op: (x) => ops.mul(x, ops.cast(ops.cast(ops.greater(x, 0), "int64"), "float64")), shapes: [[5]] },
  where: { op: (x, y) => ops.where(ops.greater(x, 0), ops.mul(x, x), y), shapes: [[5], [5]] },
  scan: {
    // a vanilla RNN: h' = tanh(x Wx + h Wh), y = h'
    op: (h0, x, Wx, Wh) => {
      const {
        carry: [last],
        ys: [y],
      } = ops.scan(
        ([h], [x]) => {
          const h1 = ops.tanh(ops.add(ops.matmul(x, Wx), ops.matmul(h, Wh)));
          return { carry: [h1], ys: [h1] };
        },
        [h0],
        [x],
      );
      return ops.add(ops.sum(y, [0]), ops.mul(2, last));
    },
    shapes: [
      [2, 3],
      [4, 2, 5],
      [5, 3],
      [3, 3],
    ],
  },
};

/** Smooth only away from a corner, or piecewise linear: no second derivative to check. */
const cornered: Record<string, Case> = {
  abs: { op: ops.abs, shapes: [[5]], at: awayFromZero },
  relu: { op: ops.relu, shapes: [[5]], at: awayFromZero },
  clip: { op: (x) => ops.clip(x, -0.5, 0.5), shapes: [[9]] },
  maximum: { op: ops.maximum, shapes: [[2, 3], [3]] },
  minimum: { op: ops.minimum, shapes: [[2, 3], [3]] },
  max: { op: (x) => ops.max(x, [1]), shapes: [[2, 3]] },
  min: { op: (x) => ops.min(x, [0]), shapes: [[2, 3]] },
  dropout: { op: (x) => ops.dropout(x, 0.4), shapes: [[20]] },
  topK: { op: (x) => ops.topK(x, 3, 1).values, shapes: [[2, 5]] },
  sort: { op: (x) => ops.sort(x, 0).values, shapes: [[4, 2]] },
  maxPool1d: { op: (x) => ops.maxPool1d(x, 3, { stride: 2, padding: 1 }), shapes: [[2, 2, 7]] }, // windows overlap
  maxPool2d: { op: (x) => ops.maxPool2d(x, 2, { dilation: [1, 2] }), shapes: [[1, 2, 5, 6]] },
};

/** The other ways that an op takes. */
const variants: Record<string, Case> = {
  "matmul of matrices": {
    op: ops.matmul,
    shapes: [
      [3, 4],
      [4, 2],
    ],
  },
  "matmul with two batches": {
    op: ops.matmul,
    shapes: [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
  },
  "matmul of a matrix by a batch": {
    op: ops.matmul,
    shapes: [
      [3, 4],
      [2, 4, 5],
    ],
  },
  "scatterAdd to a large table": {
    op: (x) => ops.slice(ops.scatterAdd([1025, 2], int64([1, 0, 1]), x), 0, 0, 3),
    shapes: [[3, 2]],
  },
  "gather from a large table": { op: (x) => ops.gather(x, int64([1, 1030, 1])), shapes: [[1031, 1]] },
  "sum of all, mean of all": { op: (x) => ops.mul(ops.sum(x), ops.mean(x)), shapes: [[2, 3]] },
  "logSumExp of all": { op: (x) => ops.logSumExp(x), shapes: [[2, 3]] },
  "softmax of a row": { op: (x) => ops.softmax(x), shapes: [[4]] },
  "softmax of scores, whose weights a product reads": {
    op: (q, k, v) => ops.matmul(ops.softmax(ops.matmul(q, ops.transpose(k))), v),
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 2],
    ],
  },
  "cumsum from the end, without its own": {
    op: (x) => ops.cumsum(x, 0, { exclusive: true, reverse: true }),
    shapes: [[3, 2]],
  },
  "einsum of one": { op: (x) => ops.einsum("i j k -> k i", x), shapes: [[2, 3, 4]] },
  "einsum of nothing shared": { op: (x, y) => ops.einsum("i,j->ji", x, y), shapes: [[2], [3]] },
  "einsum, element by element": {
    op: (x, y) => ops.einsum("time feature, time -> feature time", x, y),
    shapes: [[2, 3], [2]],
  },
  "einsum to a number": {
    op: (x, y) => ops.einsum("ij,ij->", x, y),
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  "crossEntropy, one by one": {
    op: (x) => ops.crossEntropy(x, ops.reshape(int64([2, 0, 1, 1]), [2, 2]), { reduction: "none" }),
    shapes: [[2, 2, 3]],
  },
  "crossEntropy, summed": { op: (x) => ops.crossEntropy(x, int64([2, 0]), { reduction: "sum" }), shapes: [[2, 3]] },
};

/** The engine has no float64 kernel: compared with PyTorch's numbers in torch.test.ts. */
const inFloat32 = [
  ...["erf", "gelu", "geluTanh", "softplus"],
  ...["conv1d", "conv2d", "convTranspose1d", "convTranspose2d", "averagePool1d", "averagePool2d"],
];

/** Whole numbers, truth values, and what has no slope by definition. */
const notDifferentiable = [
  ...["and", "equal", "greater", "greaterOrEqual", "isNan", "less", "lessOrEqual", "not", "notEqual", "or"],
  ...["banded", "causal", "full", "iota", "oneHot", "uniform", "zeros", "zerosLike"],
  ...["argmax", "argmin"],
  ...["floor", "mod", "round", "sign", "stopGradient"],
];

test("every op is checked", () =>
  expect([...Object.keys(smooth), ...Object.keys(cornered), ...inFloat32, ...notDifferentiable].sort()).toEqual(
    Object.keys(ops).sort(),
  ));

describe("gradients agree with differences", () => {
  test.each(Object.entries({ ...smooth, ...variants, ...cornered }))("%s", (_, example) => checkGradient(example));
});

describe("gradients of gradients agree with differences", () => {
  test.each(Object.entries({ ...smooth, ...variants }))("%s", (_, example) => checkGradient(example, { twice: true }));
});
