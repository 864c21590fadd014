/** Figures as self-contained SVG text: pure functions of numbers. */

export { type ActivityMap, activitySvg } from "./activity.ts";
export { type Alignment, alignmentSvg } from "./alignment.ts";
export { byLengthSvg, type LengthBand, lengthBands, type QualityByLength } from "./by-length.ts";
export { byOrderSvg } from "./by-order.ts";
export { type Curve, curveOf, type LossEvent, type Measured } from "./curve.ts";
export { gradientThroughTimeSvg, type NormsByStep } from "./gradient-through-time.ts";
export { lrFinderSvg, type RateLoss, suggestLearningRate } from "./learning-rate.ts";
export { lossSvg } from "./loss.ts";
export { profileSvg } from "./profile.ts";
export { type By, type Run, runsSvg } from "./runs.ts";
export { type SeriesFigure, seriesSvg } from "./series.ts";
export { type CostByLength, stepCostSvg } from "./step-cost.ts";
