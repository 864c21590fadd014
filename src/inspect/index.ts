/** Looking inside: what a model costs, and figures of how it learned. */

export { type Activity, recurrentActivity } from "./activity.ts";
export { type AlignedText, alignmentPage } from "./alignment-page.ts";
export * from "./figures/index.ts";
export { flops } from "./flops.ts";
export { type GradientThroughTime, gradientThroughTime } from "./gradient-through-time.ts";
export { liveBytes } from "./live-memory.ts";
export {
  foldRepeats,
  type LayerCost,
  type OperatorCost,
  type Passes,
  type TrainingProfile,
  totalOf,
  trainingProfile,
} from "./profile.ts";
export { profilePage } from "./profile-page.ts";
export { checkStepCost, type StepCost, stepCosts } from "./step-cost.ts";
export { type Flops, type Memory, type Part, type Summary, summarize } from "./summary.ts";
