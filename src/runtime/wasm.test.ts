import { expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { grad, input, matmul, softmax, square, sum } from "../tensor/index.ts";
import { compile } from "./compile.ts";

test("wasm gives the native engine's numbers, forward and backward, without being told threads", async () => {
  const [a, b] = [input(["rows", 8]), input([8, 5])];
  const y = softmax(matmul(a, b)); // [rows, 5]
  const [da, db] = grad(sum(square(y)), [a, b]);
  const values = { a: f32([8, 8], normals([8, 8], 1)), b: f32([8, 5], normals([8, 5], 2)) };
  await using native = await compile({ a, b }, { y, da: da!, db: db! });
  await using wasm = await compile({ a, b }, { y, da: da!, db: db! }, { device: "wasm" });
  const [want, got] = [await native(values), await wasm(values)];
  for (const name of ["y", "da", "db"] as const)
    for (const [i, x] of want[name].data.entries())
      expect(Math.abs(Number(x) - Number(got[name].data[i]))).toBeLessThan(1e-5);
});

test("wasm has one thread in Node, and says so", async () => {
  const a = input([2]);
  await expect(compile({ a }, { y: sum(a) }, { device: "wasm", threads: 2 })).rejects.toThrow(
    "wasm: 2 threads are asked for, but in Node this engine has one",
  );
});
