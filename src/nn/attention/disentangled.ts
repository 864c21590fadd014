/**
 * Disentangled attention: scores are of content by content, of content by relative place, and of place by content
 * (He et al. 2020, arXiv:2006.03654, §3.1, eq. 4), with places far apart in common buckets (DeBERTa-v2).
 */
import {
  add,
  broadcastTo,
  gather,
  iota,
  matmul,
  maximum,
  minimum,
  mul,
  reshape,
  softmax,
  sub,
  takeAlong,
  transpose,
  where,
} from "../../tensor/ops/index.ts";
import { type Bool, type Dim, type Float, type Ids, int64, sizes } from "../../tensor/tensor.ts";
import { tap } from "../../tensor/trace.ts";

interface Places {
  /** Rows of the table of places are twice as many: −span … span − 1. */
  readonly span: number;
  /** Distances from half of it on share buckets, whose width grows with the distance; undefined: none do. */
  readonly buckets?: number | undefined;
  /** The distance that the last bucket is for. */
  readonly furthest: number;
}

/** The row of each query's and key's relative place in the table of places: [T, T] of 0 … 2 · span − 1. */
export function relativePlaces(T: Dim, { span, buckets, furthest }: Places): Ids {
  const longest = typeof T === "number" ? T : 0; // where buckets are more than distances, none is the last
  const end = buckets === undefined ? span : Math.max(furthest, Math.floor(buckets / 2), longest);
  const rows = Array.from({ length: 2 * end + 1 }, (_, i) => {
    const distance = buckets === undefined ? i - end : bucketOf(i - end, buckets, furthest);
    return Math.min(Math.max(distance + span, 0), 2 * span - 1);
  });
  const distance = sub(reshape(iota(T), [T, 1]), reshape(iota(T), [1, T])); // query − key
  return gather(int64(rows), add(minimum(maximum(distance, -end), end), end));
}

/** Near distances are themselves; further ones are numbered by their logarithm (rounded as float32 rounds). */
function bucketOf(distance: number, buckets: number, furthest: number): number {
  const middle = Math.floor(buckets / 2);
  const size = Math.abs(distance);
  if (size <= middle) return distance;
  const log = (x: number) => Math.fround(Math.log(Math.fround(x)));
  const share = Math.fround(log(size / middle) / log((furthest - 1) / middle));
  return Math.sign(distance) * (Math.ceil(Math.fround(share * (middle - 1))) + middle);
}

interface Disentangled {
  /** Rows of the table of places: `relativePlaces`. [T, T] */
  readonly places?: Ids | undefined;
  /** Places as keys, for "c2p" [H, rows, D]. */
  readonly placeKeys?: Float | undefined;
  /** Places as queries, for "p2c" [H, rows, D]. */
  readonly placeQueries?: Float | undefined;
  /** What the scores are multiplied by: 1 / √(kinds of score · D). */
  readonly scale: number;
  /** Which keys a query sees, [B, 1, T, T]; all weigh the same where it sees none. */
  readonly allowed?: Bool | undefined;
  readonly dropout?: (x: Float) => Float;
}

/** q, k, v [B, H, T, D] → [B, H, T, D]. */
export function disentangledAttention(
  q: Float,
  k: Float,
  v: Float,
  { places, placeKeys, placeQueries, scale, allowed, dropout = (x) => x }: Disentangled,
): Float {
  const [B, H, T] = sizes(q, "B H T D");
  const each = (rows: Ids) => broadcastTo(reshape(rows, [1, 1, T, T]), [B, H, T, T]);
  let scores = matmul(q, transpose(k)); // [B, H, T, T]
  if (places && placeKeys) scores = add(scores, takeAlong(matmul(q, transpose(placeKeys)), each(places), 3));
  if (places && placeQueries) {
    const byKey = takeAlong(matmul(k, transpose(placeQueries)), each(transpose(places)), 3); // [B, H, key, query]
    scores = add(scores, transpose(byKey));
  }
  const scaled = mul(scores, scale);
  const weights = softmax(allowed ? where(allowed, scaled, -1e30) : scaled);
  tap("attentions", weights, { axes: ["batch", "head", "query", "key"], domain: "probability" });
  return matmul(dropout(weights), v);
}
