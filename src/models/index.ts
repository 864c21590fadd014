/** Architectures, and what shared code asks of them. */
export {
  type Architecture,
  architecture,
  build,
  type DecoderInputs,
  decoderInputs,
  type FileNames,
  type ForwardInputs,
  type ForwardOutputs,
  forward,
  type Head,
  headFor,
  type InputSpec,
  inputsOf,
  limitsOf,
  type Model,
  type ModelSpec,
  sized,
} from "./architecture.ts";
export { bert } from "./bert.ts";
export * as configField from "./config.ts";
export { type ConfigOf, readConfig } from "./config.ts";
export { customModel } from "./custom.ts";
export { type Gpt2Config, gpt2 } from "./gpt2.ts";
export { type Cache, crossKeysAndValues, keysAndValues, leftBy, type Memory, remembered } from "./memory.ts";
export { meant, nearest } from "./nearest.ts";
export { gru, lstm, rnn } from "./recurrent.ts";
export {
  bahdanauDecoder,
  contextDecoder,
  luongDecoder,
  plainDecoder,
  type Source,
  type Step,
  type Stepped,
} from "./recurrent-decoder.ts";
export { type Encoded, recurrentEncoder } from "./recurrent-encoder.ts";
export { scheduledSampling, teacherForced, type Written } from "./recurrent-loop.ts";
export { architectureOf, architectures } from "./registry.ts";
export { type Seq2seqConfig, seq2seq } from "./seq2seq.ts";
export { type RegressorInputs, sequenceRegressor } from "./sequence-regressor.ts";
