/** The dozen names a first program needs; the rooms have the rest: "trainformer/nn", "trainformer/models", … */
export { forecast } from "./forecast.ts";
export { type LoadedModel, load } from "./load.ts";
export { gpt2 } from "./models/index.ts";
export { languageModeling } from "./tasks/index.ts";
export { byteTokenizer, charTokenizer, loadTokenizer, wordTokenizer } from "./tokenizers/index.ts";
export type { TrainEvent } from "./train/events.ts";
export { type TrainOptions, train } from "./train/index.ts";
export { type TensorReport, verifyFolder } from "./verify.ts";
