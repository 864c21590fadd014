import { expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import {
  add,
  addmm,
  type Float,
  input,
  matmul,
  mul,
  permute,
  reshape,
  scan,
  sum,
  type Tensor,
  transpose,
} from "../tensor/index.ts";
import { decodeModel } from "./decode.ts";
import { type Named, toOnnx } from "./lower.ts";

const opsOf = (inputs: Named, outputs: Named, options = {}) =>
  decodeModel(toOnnx(inputs, outputs, options).bytes).graph.nodes.map(({ op }) => op);

const a = input(["batch", 3, 4]);
const b = input([5, 4]);
const k = input(["batch", 5, 4]);
const [rows, bias] = [input([3, 4]), input([5])];

test.each<[string, Record<string, Tensor>, Float]>([
  ["FusedMatMul", { a, b }, matmul(a, transpose(b))],
  ["FusedMatMul", { a, k }, matmul(a, transpose(k))],
  ["Gemm", { rows, b, bias }, addmm(bias, rows, transpose(b))],
])(
  "a product of a transposed matrix is one node, %s %#, and gives what the copy's product gives",
  async (op, inputs, y) => {
    expect(opsOf(inputs, { y })).toEqual([op]);
    const columns = y.inputs[1] as Float;
    const copied = { ...y, inputs: y.inputs.map((x) => (x === columns ? mul(columns, 1) : x)) }; // no product of a Transpose
    expect(opsOf(inputs, { y: copied })).toEqual(["Transpose", "Mul", op === "Gemm" ? "Gemm" : "MatMul"]);
    await using fused = await compile(inputs, { y });
    await using plain = await compile(inputs, { y: copied });
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }], i) => {
        const dims = shape.map((d) => (typeof d === "string" ? 2 : d));
        return [name, f32(dims, normals(dims, i))];
      }),
    );
    const [one, other] = [await fused(feeds as never), await plain(feeds as never)];
    for (const [i, x] of one.y.data.entries()) expect(Number(x)).toBeCloseTo(Number(other.y.data[i]), 5);
  },
);

test("what is in float64, not its last axes swapped, or an initializer stays as it is written", () => {
  const [x, w] = [input([3, 4], "float64") as Float, input([5, 4], "float64") as Float];
  expect(opsOf({ x, w }, { y: matmul(x, transpose(w)) })).toEqual(["Transpose", "MatMul"]);
  const left = matmul(transpose(rows), input([3, 2]));
  expect(opsOf({ rows, right: left.inputs[1]! }, { y: left })).toEqual(["Transpose", "MatMul"]);
  const columns = transpose(b);
  const initializers = new Map([[columns, new Float32Array(20)]]);
  expect(opsOf({ a }, { y: matmul(a, columns) }, { initializers })).toEqual(["MatMul"]);
});

/** Whether two programs over the same inputs give the same, but for rounding. */
async function expectAlike(inputs: Record<string, Tensor>, one: Tensor, other: Tensor) {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }], i) => {
      const dims = shape.map((d) => (typeof d === "string" ? 2 : d));
      return [name, f32(dims, normals(dims, i))];
    }),
  );
  await using first = await compile(inputs, { y: one });
  await using second = await compile(inputs, { y: other });
  const [got, want] = [(await first(feeds as never)).y, (await second(feeds as never)).y];
  expect(got.dims).toEqual(want.dims);
  for (const [i, x] of want.data.entries()) expect(Number(got.data[i])).toBeCloseTo(Number(x), 5);
}

test("of a batch of products the first matrix is read transposed as well; of one product it is copied", async () => {
  const [p, q] = [input(["batch", 2, 3, 4]), input(["batch", 2, 3, 5])];
  expect(opsOf({ p, q }, { y: matmul(transpose(p), q) })).toEqual(["FusedMatMul"]);
  await expectAlike({ p, q }, matmul(transpose(p), q), matmul(mul(transpose(p), 1), q));
  const right = input([3, 2]);
  expect(opsOf({ rows, right }, { y: matmul(transpose(rows), right) })).toEqual(["Transpose", "MatMul"]);
});

test("a product and its bias stay two nodes, and the weight is read where it lies", async () => {
  const y = add(matmul(a, transpose(b)), bias); // [batch, 3, 5]
  expect(opsOf({ a, b, bias }, { y })).toEqual(["FusedMatMul", "Add"]);
  await expectAlike({ a, b, bias }, y, add(mul(matmul(a, transpose(b)), 1), bias));
});

test("keys of heads are brought into rows and read as columns", async () => {
  const [q, keys] = [input(["batch", 2, 3, 4]), input(["batch", 5, 2, 4])];
  const y = matmul(q, permute(keys, [0, 2, 3, 1])); // [batch, 2, 3, 5]
  expect(opsOf({ q, keys }, { y })).toEqual(["Transpose", "FusedMatMul"]);
  await expectAlike({ q, keys }, y, matmul(q, mul(permute(keys, [0, 2, 3, 1]), 1)));
});

test("a reshape of a reshape is one, and one back is none", () => {
  const flat = reshape(mul(rows, 2), [12]);
  expect(opsOf({ rows }, { y: reshape(flat, [2, 6]) })).toEqual(["Mul", "Reshape"]);
  expect(opsOf({ rows }, { y: mul(reshape(flat, [3, 4]), 3) })).toEqual(["Mul", "Mul"]);
});

test("what a scan reads from outside is transposed there, once", () => {
  const [xs, h, W] = [input([6, 2, 4]), input([2, 4]), input([4, 4])];
  const columns = transpose(W);
  const { carry } = scan(([h], [x]) => ({ carry: [matmul(mul(h, x), columns)], ys: [] }), [h], [xs]);
  const ops = opsOf({ xs, h, W }, { h1: carry[0], y: matmul(h, columns) });
  expect(ops.filter((op) => op === "Transpose")).toHaveLength(1);
});

test.each<[readonly number[], Float]>([
  [[0, 1], sum(k, [0, 1])],
  [[0], sum(k, [0])],
])("a sum over rows, axes %j, is a product with ones, and the sum", async (axes, y) => {
  const ops = opsOf({ k }, { y, z: sum(mul(k, 2), axes as number[]) });
  expect(ops.filter((op) => op === "MatMul")).toHaveLength(2);
  expect(ops).not.toContain("ReduceSum");
  expect(ops.filter((op) => op === "Expand").length).toBe(1); // ones of one size are made once
  await using program = await compile({ k }, { y });
  const numbers = normals([2, 5, 4], 7);
  const { data } = (await program({ k: f32([2, 5, 4], numbers) })).y;
  const inner = data.length;
  for (const [i, total] of data.entries()) {
    const column = numbers.filter((_, at) => at % inner === i);
    expect(total).toBeCloseTo(
      column.reduce((a, b) => a + b),
      5,
    );
  }
});

test("a sum over all axes, over the last, or one that keeps them stays a sum", () => {
  const of = (y: Tensor) => opsOf({ k }, { y }).filter((op) => op === "ReduceSum" || op === "MatMul");
  expect(of(sum(k))).toEqual(["ReduceSum"]);
  expect(of(sum(k, [1, 2]))).toEqual(["ReduceSum"]);
  expect(of(sum(k, [0], { keepDims: true }))).toEqual(["ReduceSum"]);
});
