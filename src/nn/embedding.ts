/** A table of vectors, read by row number. */
import { gather } from "../tensor/ops/index.ts";
import type { Ids } from "../tensor/tensor.ts";
import { type InitialValue, normal } from "./init.ts";
import { layer, param } from "./layer.ts";

interface EmbeddingOptions {
  readonly init?: InitialValue;
  /** An id whose vector is not learned where it is read; a negative one counts from the end. */
  readonly padding?: number | null;
}

/** ids [...] → [..., dim]. */
export const embedding = (count: number, dim: number, { init = normal(0.02), padding }: EmbeddingOptions = {}) =>
  layer({ weight: param([count, dim], init) }, ({ weight }, ids: Ids) =>
    gather(weight, ids, { padding: rowOf(padding, count) }),
  );

const rowOf = (padding: number | null | undefined, count: number): number | undefined =>
  padding == null ? undefined : padding < 0 ? count + padding : padding;
