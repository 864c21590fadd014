/** Update rules, parameter groups, schedules and clipping. */
export { adam } from "./adam.ts";
export { adamw } from "./adamw.ts";
export { clipByGlobalNorm, clipByValue, clipScale, globalNorm } from "./clip.ts";
export { type Group, groups, noDecayForBiasesAndNorms } from "./groups.ts";
export { l1 } from "./l1.ts";
export type { Moment, Optimizer, OptimizerOf, Updated } from "./optimizer.ts";
export { type Schedule, type ScheduleName, type ScheduleOptions, schedules } from "./schedule.ts";
export { sgd } from "./sgd.ts";
