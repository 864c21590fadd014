import fc from "fast-check";
import { expect, test } from "vitest";
import { openAddInto } from "./add-into.ts";
import { createState } from "./state.ts";

test("numbers of any count are added, and nothing beside them changes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), (n) => {
      using state = createState([
        { name: "before", dims: [3], arrays: ["sum"] },
        { name: "x", dims: [n], arrays: ["sum", "next"] },
      ]);
      for (const { slices } of state.rows) for (const { data } of Object.values(slices)) data.fill(1);
      const [before, row] = state.rows;
      openAddInto(state)(
        row!,
        "sum",
        Float32Array.from({ length: n }, (_, i) => i),
      );
      const { sum, next } = row!.slices;
      expect(sum!.data.every((x, i) => x === i + 1)).toBe(true);
      const all = new Float32Array(row!.memory.buffer, sum!.offset, row!.bytes / 4);
      expect(all.subarray(n).every((x) => x === 0)).toBe(true);
      for (const { data } of [next!, before!.slices["sum"]!]) expect(data.every((x) => x === 1)).toBe(true);
    }),
    { numRuns: 50, examples: [[0], [1], [4095], [4096], [4097], [8192]] },
  );
});
