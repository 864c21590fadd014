/** Normalisation over the last axis, with a learned scale. */
import { add, layerNormalize, rmsNormalize } from "../tensor/ops/index.ts";
import type { Float } from "../tensor/tensor.ts";
import { constant } from "./init.ts";
import { layer, param } from "./layer.ts";

/** (x − mean) / √(variance + eps) · weight + bias (Ba et al. 2016, arXiv:1607.06450). x [..., dim]. */
export const layerNorm = (dim: number, { eps = 1e-5 } = {}) =>
  layer({ weight: param([dim], constant(1)), bias: param([dim], constant(0)) }, ({ weight, bias }, x: Float) =>
    layerNormalize(x, weight, bias, eps),
  );

/**
 * x / √(mean x² + eps) · (offset + weight) (Zhang & Sennrich 2019, arXiv:1910.07467), first by 1. x [..., dim]. With an
 * offset of 1 the weight says what is more than 1: Gemma's checkpoints store it so.
 */
export const rmsNorm = (dim: number, { eps = 1e-6, offset = 0 } = {}) =>
  layer({ weight: param([dim], constant(1 - offset)) }, ({ weight }, x: Float) =>
    rmsNormalize(x, offset === 0 ? weight : add(weight, offset), eps),
  );

/** Either, with its parts. */
export type Norm = object & ((x: Float) => Float);
