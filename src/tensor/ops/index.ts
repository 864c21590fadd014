/** All ops. A new one needs a line in ../gradients.test.ts. */
export {
  abs,
  add,
  clip,
  div,
  floor,
  maximum,
  minimum,
  mod,
  mul,
  neg,
  pow,
  round,
  sign,
  square,
  sub,
} from "./arithmetic.ts";
export {
  and,
  cast,
  equal,
  greater,
  greaterOrEqual,
  isNan,
  less,
  lessOrEqual,
  not,
  notEqual,
  or,
  stopGradient,
  where,
} from "./compare.ts";
export { conv1d, conv2d, convTranspose1d, convTranspose2d } from "./convolution.ts";
export { einsum } from "./einsum.ts";
export { banded, causal, full, iota, oneHot, zeros, zerosLike } from "./fill.ts";
export { addAlong, gather, pick, scatterAdd, take, takeAlong } from "./gather.ts";
export { crossEntropy } from "./loss.ts";
export {
  cos,
  erf,
  exp,
  gelu,
  geluTanh,
  log,
  relu,
  rsqrt,
  sigmoid,
  silu,
  sin,
  softplus,
  sqrt,
  tanh,
} from "./math.ts";
export { addmm, matmul } from "./matmul.ts";
export { layerNormalize, logSoftmax, rmsNormalize, softmax, unitNormalize } from "./normalize.ts";
export { argmax, argmin, sort, topK } from "./order.ts";
export { chunk, concat, flip, pad, slice, split, stack, unstack } from "./pieces.ts";
export { averagePool1d, averagePool2d, maxPool1d, maxPool2d } from "./pooling.ts";
export { dropout, uniform } from "./random.ts";
export { broadcastTo, cumsum, logSumExp, max, mean, min, sum, sumTo, variance } from "./reduce.ts";
export { scan } from "./scan.ts";
export { permute, rearrange, reshape, squeeze, transpose, unsqueeze } from "./shape.ts";
