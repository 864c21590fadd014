import { expect, test } from "vitest";
import { debertaV2 } from "./deberta-v2.ts";

test("buckets of places may be more than there are distances, but one must have a width", () => {
  const of = (position_buckets: number) => () =>
    debertaV2({ relative_attention: true, position_buckets, max_relative_positions: 5 });
  expect(of(16)).not.toThrow();
  expect(() => debertaV2({ position_buckets: 8, max_position_embeddings: 5, relative_attention: true })).not.toThrow();
  expect(of(8)).toThrow("deberta-v2: position_buckets 8 and distances up to 5 leave no width for a bucket");
});
