/** Which keys a query may see, as numbers to add to the scores: 0 where it may, −1e30 where not. */
import { minus } from "../../tensor/dims.ts";
import {
  and,
  banded,
  cast,
  causal,
  concat,
  cumsum,
  equal,
  greater,
  iota,
  mul,
  not,
  notEqual,
  reshape,
  slice,
  sub,
  unsqueeze,
} from "../../tensor/ops/index.ts";
import { type Bool, type Dim, type Float, type Ids, sizes } from "../../tensor/tensor.ts";

/** What is added to the scores [..., T, S]. */
export type Mask = Float & {
  /** It hides from each query all keys behind its own place, and never all keys, as padding on the left would. */
  readonly causal?: true;
};

/**
 * Zero or −1e30. At this size every score is swallowed: a hidden key weighs exactly 0, and where all are hidden, all weigh
 * the same. Some masks may be added up without an infinity.
 */
export const additive = (allowed: Bool): Float => mul(cast(not(allowed), "float32"), -1e30) as Float;

/** Each query sees the keys up to its own; the last of T queries sees all `keys`. [T, keys] */
export const causalMask = (T: Dim, keys: Dim = T): Mask => asCausal(additive(causal(T, keys)));

/** Keys that are not padding. attention_mask [B, S] of 0 and 1 → [B, 1, 1, S] */
export const visible = (attention_mask: Ids): Bool => {
  const [B, S] = sizes(attention_mask, "B S");
  return reshape(greater(attention_mask, 0), [B, 1, 1, S]);
};

/** Every query sees every key that is not padding: for encoders, and for a decoder's look at its source. [B, 1, 1, S] */
export const paddingMask = (attention_mask: Ids): Float => additive(visible(attention_mask));

/** Every query sees the keys at most `reach` places away, on both sides, and no padding. [T, T], or [B, 1, T, T] with a mask */
export function nearMask(T: Dim, reach: number, attention_mask?: Ids): Float {
  const allowed = banded(T, reach + 1);
  return additive(attention_mask ? and(allowed, visible(attention_mask)) : allowed);
}

interface CausalPadding {
  /** How many keys a query sees at most, its own among them (Beltagy et al. 2020, arXiv:2004.05150, §3.1); null: all. */
  readonly window?: number | null;
  /** Which of the texts packed into its row a token is of: those of others are hidden. [B, T] */
  readonly texts?: Ids | undefined;
}

/**
 * Causal, and no padding. attention_mask [B, S], of which the last `keys` count → [B, 1, T, keys], or [T, keys] without it
 * and `texts`.
 */
export function causalPaddingMask(
  T: Dim,
  keys: Dim,
  attention_mask?: Ids,
  { window = null, texts }: CausalPadding = {},
): Mask {
  const before = window === null ? causal(T, keys) : and(causal(T, keys), near(T, keys, window));
  const others = [
    ...(texts ? [unsqueeze(equal(unsqueeze(texts, 2), unsqueeze(texts, 1)), 1)] : []),
    ...(attention_mask ? [visible(lastOf(attention_mask, keys))] : []),
  ];
  const mask = additive(others.reduce(and, before));
  return others.length === 0 ? asCausal(mask) : mask;
}

/** A text begins where positions do not go on by 1: position_ids [B, T] → 0 for a row's first text, 1 for its second … [B, T] */
export function packedTexts(position_ids: Ids): Ids {
  const [, T] = sizes(position_ids, "B T");
  const first = slice(position_ids, 1, 0, 1);
  const before = concat([sub(first, 1), slice(position_ids, 1, 0, minus(T, 1))], 1);
  return cumsum(cast(notEqual(sub(position_ids, before), 1), "int64"), 1);
}

const asCausal = (mask: Float): Mask => Object.assign(mask, { causal: true } as const);

/** The last `window` keys before a query's place, and those behind it. [T, keys] */
const near = (T: Dim, keys: Dim, window: number): Bool =>
  greater(reshape(iota(keys), [1, keys]), sub(reshape(iota(keys, minus(keys, T)), [T, 1]), window));

const lastOf = (attention_mask: Ids, keys: Dim): Ids => {
  const [, S] = sizes(attention_mask, "B S");
  return S === keys ? attention_mask : slice(attention_mask, 1, minus(S, keys), S);
};

/**
 * The mask of each layer, by its number, where layers see windows of different sizes: each is made once. `keys`: how many
 * a layer has; as many as any other with its window. Without a mask, texts that `position_ids` tell apart do not read one
 * another, as transformers has it.
 */
export function causalMasks(
  windows: readonly (number | null)[],
  T: Dim,
  keys: (layer: number) => Dim,
  attention_mask?: Ids,
  position_ids?: Ids,
): (layer: number) => Mask {
  const made = new Map<number | null, Mask>();
  const texts = position_ids && !attention_mask ? packedTexts(position_ids) : undefined;
  return (layer) => {
    const window = windows[layer] ?? null;
    const mask = made.get(window) ?? causalPaddingMask(T, keys(layer), attention_mask, { window, texts });
    made.set(window, mask);
    return mask;
  };
}
