/** The training step and the loop around it. */
export type * from "./events.ts";
export { fromFolder } from "./from-folder.ts";
export { profile } from "./profile.ts";
export { type TrainingSettings, trainingSettings } from "./settings.ts";
export { type TrainOptions, train } from "./train.ts";
