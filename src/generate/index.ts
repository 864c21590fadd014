/** From logits to text. */
export { type Decoder, type DecoderOptions, openDecoder, openDecoderPlan } from "./decoder.ts";
export { type DecoderPlan, type ModelWeights, planDecoder } from "./decoder-plan.ts";
export type { Decoding } from "./decoding.ts";
export { type GenerateOptions, generateAll, generateTokens } from "./generate.ts";
export {
  type GenerationConfig,
  type GenerationFile,
  type GenerationOptions,
  generationConfig,
} from "./generation-config.ts";
export { generateText, type TextEnd, type TextTokenizer } from "./text.ts";
