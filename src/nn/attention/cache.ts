/** The keys and values of earlier tokens, so that decoding a token reads one row and not the whole text. */
import { concat } from "../../tensor/ops/index.ts";
import type { Float } from "../../tensor/tensor.ts";
import { tap } from "../../tensor/trace.ts";

/** Both [B, G, past, D]. */
export interface KeyValue {
  readonly key: Float;
  readonly value: Float;
}

/** k and v [B, G, T, D] behind those of the past: [B, G, past + T, D]; tapped as "key" and "value" for the next call. */
export function remember(past: KeyValue | undefined, k: Float, v: Float): readonly [key: Float, value: Float] {
  const key = past ? concat([past.key, k], 2) : k;
  const value = past ? concat([past.value, v], 2) : v;
  return [tap("key", key), tap("value", value)];
}

/**
 * Keys and values of a source, which every token reads: those of the past, or else what `make` gives [B, G, S, D]; tapped
 * as "cross_key" and "cross_value", so that they are made once.
 */
export function recall(
  past: KeyValue | undefined,
  make: () => readonly [key: Float, value: Float],
): readonly [key: Float, value: Float] {
  if (past) return [past.key, past.value];
  const [key, value] = make();
  return [tap("cross_key", key), tap("cross_value", value)];
}
