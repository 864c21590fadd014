/** ALiBi as Falcon's checkpoints know it: counted from the row's first token that is no padding, and in bfloat16. */
import * as nn from "../nn/index.ts";
import {
  constant,
  cumsum,
  type Dim,
  type Float,
  gather,
  type Ids,
  iota,
  mul,
  permute,
  sub,
  unsqueeze,
} from "../tensor/index.ts";
import type { Reference } from "./architecture.ts";

interface Sizes {
  readonly hidden_size: number;
  readonly num_attention_heads: number;
  readonly max_position_embeddings: number;
}

/**
 * What is added to the scores of each head's keys [B, H, 1, S]; with B = 1 where nothing is padding. Rows may be longer
 * than the configuration's positions where their length is known.
 */
export function keyDistances(c: Sizes, keys: Dim, attention_mask?: Ids): Float {
  const { num_attention_heads: H, max_position_embeddings } = c;
  const positions = Math.max(max_position_embeddings, typeof keys === "number" ? keys : 0);
  const place = attention_mask
    ? mul(sub(cumsum(attention_mask, 1), 1), attention_mask) // 0 for padding
    : unsqueeze(iota(keys), 0); // [B, S]
  const slopes = nn.alibiSlopes(H).map(bfloat16);
  const table = Float32Array.from({ length: positions * H }, (_, i) => bfloat16(slopes[i % H]! * Math.floor(i / H)));
  const distances = gather(constant("float32", [positions, H], table), place); // [B, S, H]
  return mul(unsqueeze(permute(distances, [0, 2, 1]), 2), (c.hidden_size / H) ** -0.5);
}

/** transformers 5.23 adds them to its mask, and to its scores once more where it gives attentions. */
export const twiceIn = <H>(
  { transformers, attentions }: Reference,
  headsWith: (distances: typeof keyDistances) => H,
) =>
  attentions && transformers.startsWith("5.23.")
    ? {
        heads: headsWith((...of) => mul(2, keyDistances(...of))),
        fault: `transformers ${transformers} adds ALiBi twice where it gives attentions`,
      }
    : undefined;

/** x rounded to bfloat16: to nearest, ties to even. */
function bfloat16(x: number): number {
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] = (bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer)[0]!;
}
