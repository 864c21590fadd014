import { expect, test } from "vitest";
import { instantiate, sumOfSquares } from "./kernel.ts";
import { createState, SCRATCH } from "./state.ts";
import { WebAssembly } from "./webassembly.ts";

const arrays = ["weight", "m", "v", "grad"];
const model = Array.from({ length: 300 }, (_, i) => ({ name: `p.${i}`, dims: [1 + (i % 5), 7 * (i % 11)], arrays }));

test("over many memories of 64 kB, no parameter straddles two and no arrays overlap", () => {
  using state = createState(model, { maxBytes: 65536 });
  expect(state.memories.length).toBeGreaterThan(5);
  for (const memory of state.memories) expect(memory.buffer.byteLength).toBe(65536);
  const all = state.rows.flatMap(({ slices, memory }) => arrays.map((array) => ({ memory, ...slices[array]! })));
  for (const [k, { data }] of all.entries()) data.fill(k);
  for (const [k, { data, memory, offset }] of all.entries()) {
    expect(offset).toBeGreaterThanOrEqual(SCRATCH);
    expect(data.every((x) => x === k)).toBe(true);
    expect(data.buffer).toBe(memory.buffer);
    expect(data.byteOffset).toBe(offset);
    expect(offset % 64).toBe(0);
  }
});

test("an array is given for those parameters that have it", () => {
  using state = createState([
    { name: "learned", dims: [2, 3], arrays },
    { name: "frozen", dims: [4], arrays: ["weight"] },
  ]);
  expect([...state.array("weight").keys()]).toEqual(["learned", "frozen"]);
  expect([...state.array("m").keys()]).toEqual(["learned"]);
  expect(state.array("weight").get("learned")).toMatchObject({ dtype: "float32", dims: [2, 3] });
  expect([...state.array("weight").get("frozen")!.data]).toEqual([0, 0, 0, 0]);
});

test("beyond 2 GiB and beyond 4 GiB, kernels and views agree where a parameter lies", () => {
  using state = createState([
    { name: "large", dims: [2 ** 27, 7], arrays: ["weight"] },
    { name: "last", dims: [5], arrays: ["weight"] },
    { name: "next", dims: [2 ** 27, 2], arrays: ["weight"] },
  ]); // never touched, so never in memory
  expect(state.memories.map(({ buffer }) => Math.round(buffer.byteLength / 2 ** 30))).toEqual([4, 1]);
  const { slices, bytes, memory } = state.rows[1]!;
  expect(slices["weight"]!.offset).toBe(SCRATCH + 7 * 2 ** 29);
  slices["weight"]!.data.set([1, 2, 3, 4, 5]);
  expect(instantiate(sumOfSquares(), memory)(slices["weight"]!.offset, bytes)).toBe(55);
});

test("a parameter too large for a memory is named", () => {
  expect(() => createState([{ name: "wte.weight", dims: [1000, 100], arrays }], { maxBytes: 65536 })).toThrow(
    "state: wte.weight [1000, 100] needs 1600000 bytes for weight, m, v, grad; one memory holds 49152",
  );
});

test("a machine without the memory says how much it was", () => {
  const none = class {
    constructor() {
      throw new RangeError("WebAssembly.Memory(): could not allocate memory");
    }
  };
  const engine = WebAssembly as { Memory: unknown };
  const { Memory } = engine;
  engine.Memory = none;
  try {
    expect(() => createState([{ name: "w", dims: [100], arrays }])).toThrow(
      "state: the machine does not give 18176 bytes of the 18176 that parameters, gradients and slots need; " +
        "train a smaller model, or freeze more of it",
    );
  } finally {
    engine.Memory = Memory;
  }
});

test("a closed state gives nothing more", () => {
  const state = createState(model);
  state.close();
  state.close();
  for (const ask of [() => state.rows, () => state.memories, () => state.array("weight")])
    expect(ask).toThrow("state: it is closed");
});
