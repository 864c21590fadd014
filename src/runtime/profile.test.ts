import { expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { toOnnx } from "../onnx/lower.ts";
import { add, exp, input, matmul, scan, sum, tanh, within, zeros } from "../tensor/index.ts";
import { profileProgram } from "./profile.ts";

test("a profile names each node's layer, what it makes, and how long it takes", async () => {
  const [x, w] = [input(["rows", 256]), input([256, 256])];
  const y = sum(exp(within("h.0.mlp", () => matmul(x, w))));
  const feeds = { x: f32([128, 256], normals([128, 256], 1)), w: f32([256, 256], normals([256, 256], 2)) };
  const profile = await profileProgram(toOnnx({ x, w }, { y }), feeds, { runs: 3, threads: 1 });
  const product = profile.nodes.find(({ op }) => op === "MatMul")!;
  expect(product).toMatchObject({ name: "h.0.mlp/MatMul", makes: "float[128,256]", grew: 128 * 256 * 4 });
  expect(product.ms).toBeGreaterThan(0);
  expect(profile.runs).toBe(3);
  expect(profile.peak).toBeGreaterThanOrEqual(128 * 256 * 4);
  expect(profile.nodes.reduce((ms, node) => ms + node.ms, 0)).toBeLessThan(2 * profile.ms);
});

test("the steps of a loop count as its nodes, and not again as the loop", async () => {
  const [T, B, H] = [40, 64, 128];
  const [xs, w] = [input(["time", B, H]), input([H, H])];
  const start = zeros([B, H]);
  const { carry } = scan(
    ([h], [x]) => ({
      carry: [
        tanh(
          add(
            x,
            within("cell", () => matmul(h, w)),
          ),
        ),
      ],
      ys: [],
    }),
    [start],
    [xs],
  );
  const feeds = { xs: f32([T, B, H], normals([T, B, H], 1)), w: f32([H, H], normals([H, H], 2)) };
  const { nodes, ms } = await profileProgram(toOnnx({ xs, w }, { y: carry[0] }), feeds, { runs: 3, threads: 1 });
  const of = (op: string) => nodes.filter((node) => node.op === op).reduce((total, node) => total + node.ms, 0);
  expect(of("MatMul")).toBeGreaterThan(0);
  expect(of("Scan")).toBeLessThan(0.9 * ms);
  expect(nodes.reduce((total, node) => total + node.ms, 0)).toBeLessThan(1.2 * ms);
});

test("what does not fit the program is refused before it runs", async () => {
  const x = input([2]);
  await expect(profileProgram(toOnnx({ x }, { y: sum(x) }), {})).rejects.toThrow(
    "program: input x float32[2] is missing",
  );
});
