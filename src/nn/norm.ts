/** Normalisation over the last axis, with a learned scale. */
import { layerNormalize, rmsNormalize } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { constant } from "./init.ts";
import { layer, param } from "./layer.ts";

/** (x − mean) / √(variance + eps) · weight + bias (Ba et al. 2016, arXiv:1607.06450). x [..., dim]. */
export const layerNorm = (dim: number, { eps = 1e-5 } = {}) =>
  layer({ weight: param([dim], constant(1)), bias: param([dim], constant(0)) }, ({ weight, bias }, x: Float) =>
    layerNormalize(x, weight, bias, eps),
  );

/** x / √(mean x² + eps) · weight (Zhang & Sennrich 2019, arXiv:1910.07467). x [..., dim]. */
export const rmsNorm = (dim: number, { eps = 1e-6 } = {}) =>
  layer({ weight: param([dim], constant(1)) }, ({ weight }, x: Float) => rmsNormalize(x, weight, eps));
