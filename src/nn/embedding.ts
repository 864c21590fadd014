/** A table of vectors, read by row number. */
import { gather } from "../tensor/ops/index.ts";
import type { Ids } from "../tensor/tensor.ts";
import { normal } from "./init.ts";
import { layer, param } from "./layer.ts";

/** ids [...] → [..., dim]. */
export const embedding = (count: number, dim: number, { init = normal(0.02) } = {}) =>
  layer({ weight: param([count, dim], init) }, ({ weight }, ids: Ids) => gather(weight, ids));
