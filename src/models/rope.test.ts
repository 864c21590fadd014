import { describe, expect, test } from "vitest";
import { rotate, rotation } from "../nn/index.ts";
import { compile } from "../runtime/compile.ts";
import { input } from "../tensor/index.ts";
import { readConfig } from "./config.ts";
import golden from "./golden/rope.json" with { type: "json" };
import { gptNeoX } from "./gpt-neox.ts";
import { llama } from "./llama.ts";
import { ropeOf } from "./rope.ts";

const farthest = (got: ArrayLike<number>, want: readonly number[]) =>
  Math.max(...want.map((x, i) => Math.abs(x - got[i]!)));

describe.each(Object.entries(golden))("%s", (_, { config, head_size, angles }) => {
  test("queries and keys turn by transformers' angles", async () => {
    const architecture = "rotary_pct" in config ? gptNeoX : llama;
    const rope = ropeOf(readConfig<typeof llama.spec.fields>(architecture.spec as never, config), head_size);
    const position_ids = input(["time"], "int64");
    await using program = await compile({ position_ids }, { ...rotation(position_ids, rope) });
    for (const { positions, cos, sin } of angles) {
      const data = BigInt64Array.from(positions, BigInt);
      const turned = await program({ position_ids: { dtype: "int64", dims: [positions.length], data } });
      expect(farthest(turned.cos.data, cos)).toBeLessThan(2e-5); // a far position's angle is no better than that
      expect(farthest(turned.sin.data, sin)).toBeLessThan(2e-5);
    }
  });
});

test.each<[string, object, string]>([
  [
    "an unknown type",
    { rope_scaling: { type: "spiral" } },
    `"rope_parameters" is {"rope_type":"spiral","rope_theta":10000}`,
  ],
  [
    "a type without its factor",
    { rope_scaling: { type: "linear" } },
    "must be an object with rope_type (one of default",
  ],
  ["a negative theta", { rope_theta: -1 }, `"rope_parameters" is {"rope_type":"default","rope_theta":-1}`],
  [
    "factors for fewer pairs than turn",
    { rope_scaling: { type: "longrope", short_factor: [1], long_factor: [1], factor: 2 } },
    "llama: rope_parameters.short_factor has 1 numbers, and 64 pairs turn",
  ],
])("%s is refused", (_, fields, says) => {
  expect(() => llama({ ...fields })).toThrow(says);
});

test("an empty rope_scaling says nothing", () => {
  const { rope_parameters } = llama({
    rope_scaling: {},
    rope_parameters: { rope_type: "linear", rope_theta: 7, factor: 2 },
  }).config;
  expect(rope_parameters).toEqual({ rope_type: "linear", rope_theta: 7, factor: 2 });
});

test("pairs that do not fit into a head are refused with both numbers", () => {
  const turns = rotation(input(["time"], "int64"), { frequencies: Float32Array.of(1, 0.1, 0.01) });
  expect(() => rotate(input(["batch", 2, "time", 4]), turns)).toThrow(
    "rotate: float32[batch, 2, time, 4]: 3 pairs do not fit into a head of 4",
  );
});
