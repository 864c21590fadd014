/** From logits to text. */
export {
  type CoveragePenalty,
  type LengthPenalty,
  lengthPenaltyOf,
  power,
  wuCoverage,
  wuLength,
} from "./beam-penalties.ts";
export type { Hypothesis } from "./beams.ts";
export { type Decoder, type DecoderOptions, openDecoder, openDecoderPlan } from "./decoder.ts";
export { type DecoderPlan, type ModelWeights, planDecoder } from "./decoder-plan.ts";
export type { Decoding } from "./decoding.ts";
export { beamSearch, type GenerateOptions, generateAll, generateTokens } from "./generate.ts";
export {
  type GenerationConfig,
  type GenerationFile,
  type GenerationOptions,
  generationConfig,
} from "./generation-config.ts";
export type { Rows, Source } from "./prompts.ts";
export { generateText } from "./text.ts";
export type { TextTokenizer } from "./text-prompt.ts";
export { type GeneratedText, generateTexts, type TextEnd } from "./texts.ts";
