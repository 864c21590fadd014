/** Layers and what they are made of. */
export { type Activation, type ActivationName, activationNames, activations } from "./activation.ts";
export { type KeyValue, recall, remember } from "./attention/cache.ts";
export { disentangledAttention, relativePlaces } from "./attention/disentangled.ts";
export { fusedGroupedQueryAttention } from "./attention/fused-grouped-query.ts";
export { groupedQueryAttention } from "./attention/grouped-query.ts";
export {
  additive,
  causalMask,
  causalMasks,
  causalPaddingMask,
  type Mask,
  nearMask,
  paddingMask,
  visible,
} from "./attention/mask.ts";
export { multiHeadAttention } from "./attention/multi-head.ts";
export {
  additiveAttention,
  concatAttention,
  dotAttention,
  generalAttention,
  localAttention,
  type Reading,
  type ReadSource,
  scaledDotAttention,
} from "./attention/recurrent.ts";
export { type Attend, scaledDotProduct } from "./attention/scaled-dot-product.ts";
export { selfAttention } from "./attention/self-attention.ts";
export { dropout } from "./dropout.ts";
export { embedding } from "./embedding.ts";
export { feedForward, gatedFeedForward } from "./feed-forward.ts";
export { gate } from "./gate.ts";
export * from "./init.ts";
export { countParams, type Layer, layer, namedParams, type Param, param } from "./layer.ts";
export { conv1d, type Linear, linear, type Stored } from "./linear.ts";
export { type Adaptable, isAdaptable, lora } from "./lora.ts";
export { layerNorm, type Norm, rmsNorm } from "./norm.ts";
export { clsPooling, maxPooling, meanPooling, type Pooling } from "./pooling.ts";
export { alibiSlopes } from "./position/alibi.ts";
export { learnedPositions } from "./position/learned.ts";
export {
  dynamicRope,
  linearRope,
  llama3Rope,
  longRope,
  plainRope,
  proportionalRope,
  yarnRope,
} from "./position/rope-scaling.ts";
export { type Rope, type Rotation, rotate, rotation } from "./position/rotary.ts";
export { sinusoidalPositions } from "./position/sinusoidal.ts";
export { type Cell, type Recurrence, type State, startOf } from "./recurrent/cell.ts";
export { gru, gruCell } from "./recurrent/gru.ts";
export { type LstmOptions, lstm, lstmCell } from "./recurrent/lstm.ts";
export { type RnnOptions, rnn, rnnCell } from "./recurrent/rnn.ts";
export type { Recurrent, SequenceOptions, SequenceResult, StackOptions } from "./recurrent/stack.ts";
